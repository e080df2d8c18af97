// node's ws, with the loop of its README. With `deflate`: its own permessage-deflate, switched on for events of
// this size too (by default it leaves messages below 1 KiB as they are).
import { createRequire } from 'node:module';

const { WebSocketServer, WebSocket } = createRequire(`${process.env.BENCH_NODE ?? '.'}/bench.js`)('ws');
const perMessageDeflate = process.argv[2] === 'deflate' ? { threshold: 0 } : false;
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 4096, perMessageDeflate });

server.on('listening', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
server.on('connection', (socket, request) => {
  socket.on('error', () => {});
  if (request.url !== '/publish') return;
  socket.on('message', (data) => {
    for (const viewer of server.clients) {
      if (viewer !== socket && viewer.readyState === WebSocket.OPEN) viewer.send(data, { binary: false });
    }
  });
});
