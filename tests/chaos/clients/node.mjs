// Viewers by node's `ws`. Told what to watch by one line of JSON on standard input; writes a line of JSON for
// each connection it begins, each message it is given and each failure.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const WebSocket = createRequire(`${process.env.BENCH_NODE ?? '.'}/clients.js`)('ws');

function watch(task, kind) {
  let cursor = '';
  let token = '';
  const write = (fields) => {
    process.stdout.write(`${JSON.stringify({ client: kind.name, at_ms: Date.now(), ...fields })}\n`);
  };
  const connect = () => {
    const query = new URLSearchParams({ ...kind.query, ...(cursor && { cursor }) });
    const socket = new WebSocket(`${task.url}?${query}`, {
      perMessageDeflate: kind.deflate ?? true,
      headers: token ? { Authorization: `Bearer ${token}` } : {},
    });
    write({ asked: cursor });
    // Now and then it breaks off: properly, or not.
    const stay = setTimeout(
      () => (Math.random() < 0.5 ? socket.close() : socket.terminate()),
      1000 * (task.stay_s[0] + Math.random() * (task.stay_s[1] - task.stay_s[0])),
    );
    const err = setInterval(() => {
      // What it is answered is for it alone, between frames that it shares with others.
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(task.mistake));
    }, 1000 * task.mistake_every_s);
    socket.on('message', (data, binary) => {
      const text = data.toString('utf8');
      write(binary ? { failed: 'a binary message' } : { message: text });
      try {
        const { data: said } = JSON.parse(text);
        cursor = said.cursor ?? cursor;
        token = said.spectator?.resume_token ?? token;
      } catch {
        socket.terminate(); // it was written down: that is enough to be judged
      }
    });
    socket.on('error', (error) => write({ failed: String(error) }));
    socket.on('close', () => {
      clearTimeout(stay);
      clearInterval(err);
      setTimeout(connect, Math.random() * 2000);
    });
  };
  connect();
}

for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line);
  task.kinds.forEach((kind) => watch(task, kind));
}
process.exit(0);
