/* N viewers in one process: they read, count, answer pings, and cost next to nothing themselves.
 *
 * The same conversation with `bench.viewers` as `bench.sinks` holds, for loads that a sink in Python would
 * drown in. Built by `bench.native` (cc -O2 sink.c -lz).
 *
 *   sink --port P --path /PATH -n N [--deflate] [--greeted] [--hello TEXT] [--stall K] [--rooms R]
 *
 *   → (started)          ← {"connected", "seconds", "p50_ms", "p95_ms", "p99_ms"}           the handshakes
 *   → reset              ← {}                                    forget what was counted so far
 *   → expect M TIMEOUT   ← {"events", "complete", "frames", "bytes", "closed", "seconds",
 *                            "p50_ms", "p95_ms", "p99_ms"}
 *
 * An event is recognised by its mark, and dated by the eight digits after it: microseconds of the monotonic
 * clock, which come round every 100 s. `%d` in the path stands for the viewer's number modulo R.
 * The last K viewers stop reading once they are connected (and greeted); they are not among the counted. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#define MARK "benchmarked "
#define STAMP_TURN 100000000u
#define DIGITS 8
#define DATED (sizeof MARK - 1 + DIGITS)
enum { IN_FLIGHT = 64, BUFFER = 8 << 20, LATENCY_EVERY = 10, CONNECT_S = 120, READY = 512 };

typedef struct {
  int fd;
  bool upgraded, greeted, stalled, closed;
  bool fresh;      /* negotiated: the server's window starts anew with each message */
  bool compressed; /* the message under way */
  z_stream *inflate;
  unsigned char *rest; /* the beginning of a frame whose end has not come */
  unsigned char end[DATED - 1]; /* of the payload before: some servers (NATS) cut where they like */
  size_t ended;
  size_t have, room;
  uint64_t began_us, bytes;
  uint32_t events, frames;
} Viewer;

static Viewer *viewers;
static int count, stalled, rooms = 1, port, loop;
static bool offer_deflate, wait_for_greeting, everybody_in;
static const char *path = "/", *hello;
static unsigned char *buffer, *plain;
static int begun, upgraded, greeted, closed, done;
static uint32_t target;
static uint64_t first_us, last_us;
static uint32_t *latencies;
static size_t measured, room_for;

static uint64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000ull + now.tv_nsec / 1000;
}

static void fail(const char *why) {
  fprintf(stderr, "%s: %d viewers begun, %d upgraded, %d closed\n", why, begun, upgraded, closed);
  exit(1);
}

static int ascending(const void *one, const void *other) {
  uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
  return (a > b) - (a < b);
}

static double share_ms(double share) { /* of the sorted latencies */
  return measured ? latencies[(size_t)(share * (measured - 1))] / 1000.0 : 0;
}

static void note_latency(uint32_t us) {
  if (measured == room_for) latencies = realloc(latencies, (room_for = room_for ? room_for * 2 : 65536) * sizeof *latencies);
  latencies[measured++] = us;
}

/* -- what is sent: never more than a few bytes, so a short write means a peer that does not read -------- */

static void send_frame(Viewer *viewer, int opcode, const void *payload, size_t size) {
  unsigned char frame[4200] = {0x80 | opcode};
  size_t at = 2;
  if (size > 4000) fail("too long to send");
  frame[1] = 0x80 | (size < 126 ? size : 126);
  if (size >= 126) frame[at++] = size >> 8, frame[at++] = size & 255;
  at += 4; /* a mask of zeros is a mask */
  memcpy(frame + at, payload, size);
  if (send(viewer->fd, frame, at + size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN) viewer->closed = true;
}

/* -- what comes in ---------------------------------------------------------------------------------------- */

static void count_whole(Viewer *viewer, const unsigned char *text, size_t size, uint64_t at_us) {
  const unsigned char *end = text + size;
  /* What a newcomer is told of the past is not late. */
  bool dated = everybody_in && (viewer - viewers) % LATENCY_EVERY == 0;
  while ((text = memmem(text, end - text, MARK, sizeof MARK - 1)) && end - text >= (ptrdiff_t)DATED) {
    text += sizeof MARK - 1;
    viewer->events++;
    if (!dated) continue;
    uint32_t stamp = 0;
    for (int digit = 0; digit < DIGITS; digit++) stamp = stamp * 10 + (text[digit] - '0');
    note_latency((at_us % STAMP_TURN + STAMP_TURN - stamp) % STAMP_TURN);
  }
}

static void count_events(Viewer *viewer, const unsigned char *text, size_t size, uint64_t at_us) {
  unsigned char seam[2 * (DATED - 1)]; /* too short on either side for a whole one */
  size_t begins = size < DATED - 1 ? size : DATED - 1, have = viewer->ended + begins;
  uint32_t before = viewer->events;
  memcpy(seam, viewer->end, viewer->ended);
  memcpy(seam + viewer->ended, text, begins);
  count_whole(viewer, seam, have, at_us);
  count_whole(viewer, text, size, at_us);
  if (begins == DATED - 1) memcpy(viewer->end, text + size - begins, viewer->ended = begins);
  else {
    size_t kept = have < DATED - 1 ? have : DATED - 1;
    memcpy(viewer->end, seam + have - kept, viewer->ended = kept);
  }
  if (viewer->events == before) return;
  if (!first_us) first_us = at_us;
  last_us = at_us;
  if (target && before < target && viewer->events >= target) done++;
}

static size_t inflated(Viewer *viewer, unsigned char *data, size_t size, bool last) {
  static unsigned char tail[] = {0, 0, 255, 255};
  size_t have = 0;
  z_stream *stream = viewer->inflate;
  if (!stream) {
    stream = viewer->inflate = calloc(1, sizeof *stream);
    inflateInit2(stream, -15);
  }
  for (int part = 0; part < 1 + last; part++) {
    stream->next_in = part ? tail : data;
    stream->avail_in = part ? sizeof tail : size;
    do {
      stream->next_out = plain + have;
      stream->avail_out = BUFFER - have;
      int outcome = inflate(stream, Z_SYNC_FLUSH);
      have = BUFFER - stream->avail_out;
      if (outcome == Z_STREAM_END) inflateReset(stream); /* RFC 7692, 7.2.3.4 */
      else if (outcome == Z_BUF_ERROR) break;
      else if (outcome != Z_OK) fail("a frame cannot be inflated");
    } while (stream->avail_in);
  }
  if (last && viewer->fresh) inflateReset(stream);
  return have;
}

static void take_frame(Viewer *viewer, int head, unsigned char *payload, size_t size, uint64_t at_us) {
  int opcode = head & 15;
  if (opcode == 9) return send_frame(viewer, 10, payload, size);
  if (opcode == 8) { viewer->closed = true; return; }
  if (opcode > 2) return;
  if (opcode) viewer->compressed = head & 0x40;
  if (!viewer->greeted) viewer->greeted = true, greeted++;
  viewer->frames++;
  if (!viewer->compressed) count_events(viewer, payload, size, at_us);
  else count_events(viewer, plain, inflated(viewer, payload, size, head & 0x80), at_us);
}

static size_t take_answer(Viewer *viewer, char *data, size_t size) { /* the HTTP one; 0: not all there yet */
  char *end = memmem(data, size, "\r\n\r\n", 4);
  if (!end) return 0;
  *end = 0;
  if (size < 12 || memcmp(data + 9, "101", 3)) fprintf(stderr, "%.100s\n", data), fail("handshake refused");
  viewer->fresh = strcasestr(data, "server_no_context_takeover");
  viewer->upgraded = true;
  upgraded++;
  note_latency(now_us() - viewer->began_us);
  if (hello) send_frame(viewer, 1, hello, strlen(hello));
  return end + 4 - data;
}

static size_t take(Viewer *viewer, unsigned char *data, size_t size, uint64_t at_us) { /* returns bytes used */
  size_t used = viewer->upgraded ? 0 : take_answer(viewer, (char *)data, size);
  while (viewer->upgraded && !viewer->closed && size - used >= 2) {
    unsigned char *head = data + used;
    size_t length = head[1] & 127, before = 2;
    if (length == 126) before = 4;
    else if (length == 127) before = 10;
    if (size - used < before) break;
    if (before > 2) {
      length = 0;
      for (size_t at = 2; at < before; at++) length = length << 8 | head[at];
    }
    if (length > BUFFER / 2) fail("a frame of more than 4 MiB");
    if (size - used < before + length) break;
    take_frame(viewer, head[0], head + before, length, at_us);
    used += before + length;
  }
  return used;
}

static void receive(Viewer *viewer) {
  if (viewer->have) memcpy(buffer, viewer->rest, viewer->have);
  ssize_t more = recv(viewer->fd, buffer + viewer->have, BUFFER - viewer->have, MSG_DONTWAIT);
  if (more < 0 && errno == EAGAIN) return;
  if (more <= 0) viewer->closed = true;
  else {
    viewer->bytes += more;
    size_t size = viewer->have + more, used = take(viewer, buffer, size, now_us());
    viewer->have = size - used;
    if (viewer->have > viewer->room) viewer->rest = realloc(viewer->rest, viewer->room = viewer->have * 2);
    if (viewer->have) memcpy(viewer->rest, buffer + used, viewer->have);
  }
  bool heard = wait_for_greeting ? viewer->greeted : viewer->upgraded;
  if (viewer->closed) close(viewer->fd), closed++;
  else if (viewer->stalled && heard) epoll_ctl(loop, EPOLL_CTL_DEL, viewer->fd, NULL);
}

/* -- coming in ------------------------------------------------------------------------------------------- */

static void begin(void) {
  Viewer *viewer = &viewers[begun];
  struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct epoll_event interest = {.events = EPOLLIN, .data.ptr = viewer};
  char request[2048], room[12];
  const char *number = strstr(path, "%d");
  int yes = 1, little = 4096;
  viewer->stalled = begun++ >= count - stalled;
  viewer->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (viewer->fd < 0) fail("no more sockets");
  setsockopt(viewer->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  /* What a stalled one's own kernel holds is not what it costs the server. */
  if (viewer->stalled) setsockopt(viewer->fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
  viewer->began_us = now_us();
  if (connect(viewer->fd, (void *)&where, sizeof where) < 0) fail("cannot connect");
  snprintf(room, sizeof room, "%d", (begun - 1) % rooms);
  int size = snprintf(request, sizeof request,
    "GET %.*s%s%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
    number ? (int)(number - path) : (int)strlen(path), path, number ? room : "", number ? number + 2 : "",
    port, offer_deflate ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "");
  if (send(viewer->fd, request, size, MSG_NOSIGNAL) != size) fail("cannot ask for the upgrade");
  epoll_ctl(loop, EPOLL_CTL_ADD, viewer->fd, &interest);
}

static bool turn(int timeout_ms) { /* read what has arrived; says whether a line may be waiting on stdin */
  struct epoll_event ready[READY];
  bool spoken = false;
  int found = epoll_wait(loop, ready, READY, timeout_ms);
  for (int at = 0; at < found; at++) {
    Viewer *viewer = ready[at].data.ptr;
    if (!viewer) spoken = true;
    else if (!viewer->closed) receive(viewer);
  }
  return spoken;
}

static void connect_all(void) {
  uint64_t started_us = now_us(), limit_us = started_us + CONNECT_S * 1000000ull, upgraded_us;
  while (upgraded < count) {
    while (begun < count && begun - upgraded < IN_FLIGHT) begin();
    turn(1000);
    if (closed || now_us() > limit_us) fail("not everybody came in");
  }
  upgraded_us = now_us();
  while (wait_for_greeting && greeted < count) {
    turn(1000);
    if (closed || now_us() > limit_us) fail("not everybody was greeted");
  }
  qsort(latencies, measured, sizeof *latencies, ascending);
  printf("{\"connected\": %d, \"seconds\": %.6f, \"p50_ms\": %.3f, \"p95_ms\": %.3f, \"p99_ms\": %.3f}\n",
         count, (upgraded_us - started_us) / 1e6, share_ms(.5), share_ms(.95), share_ms(.99));
}

/* -- the conversation ------------------------------------------------------------------------------------ */

static void reset(void) {
  measured = first_us = last_us = target = done = 0;
  for (Viewer *viewer = viewers; viewer < viewers + count; viewer++)
    viewer->events = viewer->frames = viewer->bytes = 0;
  printf("{}\n");
}

static void expect(uint32_t events, double timeout_s) {
  int healthy = count - stalled, complete = 0;
  uint64_t limit_us = now_us() + timeout_s * 1e6, all = 0, frames = 0, bytes = 0;
  target = events;
  done = 0;
  for (int at = 0; at < healthy; at++) done += viewers[at].events >= target;
  while (done < healthy && now_us() < limit_us) turn(10);
  for (int at = 0; at < healthy; at++) {
    all += viewers[at].events, frames += viewers[at].frames, bytes += viewers[at].bytes;
    complete += viewers[at].events == target;
  }
  qsort(latencies, measured, sizeof *latencies, ascending);
  printf("{\"events\": %lu, \"complete\": %d, \"frames\": %lu, \"bytes\": %lu, \"closed\": %d, \"seconds\": %.6f, "
         "\"p50_ms\": %.3f, \"p95_ms\": %.3f, \"p99_ms\": %.3f}\n", all, complete, frames, bytes, closed,
         (last_us - first_us) / 1e6, share_ms(.5), share_ms(.95), share_ms(.99));
}

int main(int argc, char **argv) {
  for (int at = 1; at < argc; at++) {
    const char *name = argv[at];
    if (!strcmp(name, "--deflate")) offer_deflate = true;
    else if (!strcmp(name, "--greeted")) wait_for_greeting = true;
    else if (++at == argc) fail("an option lacks its value");
    else if (!strcmp(name, "--port")) port = atoi(argv[at]);
    else if (!strcmp(name, "--path")) path = argv[at];
    else if (!strcmp(name, "--hello")) hello = argv[at];
    else if (!strcmp(name, "-n")) count = atoi(argv[at]);
    else if (!strcmp(name, "--stall")) stalled = atoi(argv[at]);
    else if (!strcmp(name, "--rooms")) rooms = atoi(argv[at]);
    else fail("unknown option");
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  count += stalled;
  viewers = calloc(count, sizeof *viewers);
  buffer = malloc(BUFFER);
  plain = malloc(BUFFER);
  loop = epoll_create1(0);
  connect_all();
  everybody_in = true;
  struct epoll_event line = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(loop, EPOLL_CTL_ADD, STDIN_FILENO, &line);
  for (char question[256];;) {
    if (!turn(60000)) continue;
    unsigned events;
    double timeout_s;
    if (!fgets(question, sizeof question, stdin)) return 0;
    if (!strcmp(question, "reset\n")) reset();
    else if (sscanf(question, "expect %u %lf", &events, &timeout_s) == 2) expect(events, timeout_s);
    else return 1;
  }
}
