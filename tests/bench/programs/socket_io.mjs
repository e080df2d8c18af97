// socket.io: everybody is in one room, and what comes to /publish is emitted to it.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.BENCH_NODE ?? '.'}/bench.js`);
const { Server } = require('socket.io');
const { WebSocketServer } = require('ws');

const http = createServer();
const io = new Server(http, { transports: ['websocket'], serveClient: false, destroyUpgrade: false });
io.on('connection', (socket) => socket.join('room'));

const inward = new WebSocketServer({ noServer: true });
http.on('upgrade', (request, socket, head) => {
  if (request.url !== '/publish') return;
  inward.handleUpgrade(request, socket, head, (publisher) => {
    publisher.on('message', (data) => io.to('room').emit('event', JSON.parse(data)));
  });
});
http.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  console.log(`listening on http://127.0.0.1:${http.address().port}`);
});
