/* The floor: what comes in at /publish is framed once and send()-ed to everybody else, and nothing more.
 *
 *   floor        listens on a free loopback port and says which, like the relay
 *
 * Not a server anybody could use: no accept key, no pings, no limits; a reader that does not read stops it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FILES = 65536, READY = 256, LONGEST = 65535 };
static const char accepted[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
static int viewers[FILES], count, publisher = -1;
static char known[FILES];
static unsigned char waiting[1 << 20], frame[LONGEST + 4], data[65536];
static size_t have;

static void send_all(int viewer, size_t size) {
  for (size_t at = 0; at < size;) {
    ssize_t sent = send(viewer, frame + at, size - at, MSG_NOSIGNAL);
    if (sent > 0) at += sent;
    else if (errno != EAGAIN) return; /* gone; its hang-up is read later */
    else poll(&(struct pollfd){.fd = viewer, .events = POLLOUT}, 1, 1000);
  }
}

static void broadcast(const unsigned char *masked, const unsigned char *mask, size_t size) {
  size_t before = size < 126 ? 2 : 4;
  frame[0] = 0x81;
  frame[1] = size < 126 ? size : 126;
  if (before == 4) frame[2] = size >> 8, frame[3] = size & 255;
  for (size_t at = 0; at < size; at++) frame[before + at] = masked[at] ^ mask[at & 3];
  for (int at = 0; at < count; at++) send_all(viewers[at], before + size);
}

static void publish(size_t more) {
  size_t used = 0;
  memcpy(waiting + have, data, more);
  have += more;
  while (have - used >= 8) {
    unsigned char *at = waiting + used;
    size_t size = at[1] & 127, before = 6;
    if (size == 126) size = at[2] << 8 | at[3], before = 8;
    if (have - used < before + size) break;
    broadcast(at + before, at + before - 4, size);
    used += before + size;
  }
  memmove(waiting, waiting + used, have -= used);
}

static void hang_up(int peer) {
  for (int at = 0; at < count; at++)
    if (viewers[at] == peer) { viewers[at] = viewers[--count]; break; }
  if (peer == publisher) publisher = -1;
  known[peer] = 0;
  close(peer);
}

int main(void) {
  struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof where;
  int listener = socket(AF_INET, SOCK_STREAM, 0), loop = epoll_create1(0), yes = 1;
  if (bind(listener, (void *)&where, size) || listen(listener, 4096)) return perror("floor"), 1;
  getsockname(listener, (void *)&where, &size);
  printf("listening on http://127.0.0.1:%d\n", ntohs(where.sin_port));
  fflush(stdout);
  struct epoll_event interest = {.events = EPOLLIN, .data.fd = listener}, ready[READY];
  epoll_ctl(loop, EPOLL_CTL_ADD, listener, &interest);
  for (;;) {
    int found = epoll_wait(loop, ready, READY, -1);
    for (int at = 0; at < found; at++) {
      int peer = ready[at].data.fd;
      if (peer == listener) {
        peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (peer < 0) continue;
        setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        interest.data.fd = peer;
        epoll_ctl(loop, EPOLL_CTL_ADD, peer, &interest);
        continue;
      }
      ssize_t more = recv(peer, data, sizeof data, 0);
      if (more <= 0) { if (more == 0 || errno != EAGAIN) hang_up(peer); }
      else if (peer == publisher) publish(more);
      else if (!known[peer]) { /* its request, which a client on loopback sends in one piece */
        known[peer] = 1;
        if (memmem(data, more, "GET /publish ", 13)) publisher = peer, have = 0;
        else viewers[count++] = peer;
        send(peer, accepted, sizeof accepted - 1, MSG_NOSIGNAL);
      }
    }
  }
}
