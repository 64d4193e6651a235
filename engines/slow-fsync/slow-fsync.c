/*
 * A disk that is slow to flush, or fails to, for one process: preload it in front of libc.
 *
 *   SLOW_FSYNC_MS     milliseconds that every fsync and fdatasync takes longer
 *   SLOW_FSYNC_ERRNO  number of the error they end with, without flushing (5 is EIO, 28 is ENOSPC)
 *   SLOW_FSYNC_WHILE  a file: all this happens only while it exists, so a test switches it while the process runs
 *   SLOW_FSYNC_UNDER  a path: only for files whose path begins with it
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef int (*flush_function)(int);

static int concerns(int fd) {
  const char *flag = getenv("SLOW_FSYNC_WHILE");
  if (flag && access(flag, F_OK) != 0) return 0;
  const char *under = getenv("SLOW_FSYNC_UNDER");
  if (!under) return 1;
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strncmp(path, under, strlen(under)) == 0;
}

static void wait_ms(long ms) {
  struct timespec left = {ms / 1000, (ms % 1000) * 1000000L};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

static int flush(const char *name, int fd) {
  flush_function real = (flush_function)dlsym(RTLD_NEXT, name);
  if (!concerns(fd)) return real(fd);
  const char *ms = getenv("SLOW_FSYNC_MS");
  if (ms) wait_ms(atol(ms));
  const char *error = getenv("SLOW_FSYNC_ERRNO");
  if (error && atoi(error) != 0) {
    errno = atoi(error);
    return -1;
  }
  return real(fd);
}

int fsync(int fd) { return flush("fsync", fd); }
int fdatasync(int fd) { return flush("fdatasync", fd); }
