/* A disk that is slow, full or broken, for one process: preloaded, it stands between the program and
 * the C library's calls on files. disk-shim.ts compiles it, writes its rules and says what they mean.
 *
 * RINGKEEPER_DISK_FAULTS names a file of rules, one a line:
 *
 *     <call> <part of the path> <what> <argument> <matches to let pass> <times, 0 for ever>
 *
 *     call   open read write sync rename truncate
 *     what   delay (ms; 0 until the rule is gone), error (errno), short (bytes, of a write)
 *
 * The file is read again whenever another one has taken its place. The first time that a rule is
 * felt after that, its number is added to the file of the same name with ".felt" behind it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define RULES_MAX 32
#define TEXT_MAX 8192
#define PATH_BYTES 4096
#define POLL_MS 5

struct rule {
  char call[16];
  char path[256];
  char what[16];
  long argument;
  long pass;
  long times;
  long felt;
};

/** What one call is to suffer. */
struct fault {
  char kind; /* 0 for nothing; d, e, s */
  long argument;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct rule rules[RULES_MAX];
static int rule_count;
static struct stat loaded;
static unsigned generation;
static const char *control;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

/* Kept in a static of its own for each call. */
#define REAL(name, ...)               \
  static __typeof__(__VA_ARGS__) next; \
  if (next == NULL) next = (__typeof__(next))real(name)

static int same_file(const struct stat *a, const struct stat *b) {
  return a->st_ino == b->st_ino && a->st_size == b->st_size &&
         a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* With the lock held. System calls of its own: the library's would come back here. */
static void load(void) {
  if (control == NULL) control = getenv("RINGKEEPER_DISK_FAULTS");
  if (control == NULL) control = "";
  struct stat now = {0};
  if (*control == 0 || stat(control, &now) != 0) {
    if (rule_count > 0) generation++;
    rule_count = 0;
    return;
  }
  if (same_file(&now, &loaded)) return;
  char text[TEXT_MAX];
  int fd = (int)syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return;
  long length = syscall(SYS_read, fd, text, sizeof text - 1);
  syscall(SYS_close, fd);
  if (length < 0) return;
  text[length] = 0;
  loaded = now;
  generation++;
  rule_count = 0;
  char *rest = NULL;
  for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
    struct rule *rule = &rules[rule_count];
    int fields = sscanf(line, "%15s %255s %15s %ld %ld %ld", rule->call, rule->path, rule->what,
                        &rule->argument, &rule->pass, &rule->times);
    rule->felt = 0;
    if (fields == 6 && rule_count < RULES_MAX - 1) rule_count++;
  }
}

static void tell(int number) {
  char path[PATH_BYTES], line[16];
  snprintf(path, sizeof path, "%s.felt", control);
  int length = snprintf(line, sizeof line, "%d\n", number);
  int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return;
  syscall(SYS_write, fd, line, length);
  syscall(SYS_close, fd);
}

static unsigned now_generation(void) {
  pthread_mutex_lock(&lock);
  load();
  unsigned now = generation;
  pthread_mutex_unlock(&lock);
  return now;
}

/* The first rule that fits; delays are over when this returns. */
static struct fault suffer(const char *call, const char *path) {
  struct fault fault = {0, 0};
  unsigned at = 0;
  pthread_mutex_lock(&lock);
  load();
  at = generation;
  for (int i = 0; i < rule_count; i++) {
    struct rule *rule = &rules[i];
    if (strcmp(rule->call, call) != 0 || strstr(path, rule->path) == NULL) continue;
    if (rule->pass > 0) {
      rule->pass--;
      continue;
    }
    if (rule->times > 0 && rule->felt >= rule->times) continue;
    if (rule->felt++ == 0) tell(i);
    fault.kind = rule->what[0];
    fault.argument = rule->argument;
    break;
  }
  pthread_mutex_unlock(&lock);
  if (fault.kind != 'd') return fault;
  /* In pieces: a delay ends with its rule. */
  struct timespec piece = {0, POLL_MS * 1000000L}, start, now;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (;;) {
    nanosleep(&piece, NULL);
    clock_gettime(CLOCK_MONOTONIC, &now);
    long ms = (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000;
    if (fault.argument > 0 && ms >= fault.argument) break;
    if (now_generation() != at) break;
  }
  fault.kind = 0;
  return fault;
}

static struct fault suffer_fd(const char *call, int fd) {
  struct fault none = {0, 0};
  pthread_mutex_lock(&lock);
  load();
  int any = rule_count;
  pthread_mutex_unlock(&lock);
  if (any == 0) return none;
  char link[64], path[PATH_BYTES];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0 || path[0] != '/') return none;
  path[length] = 0;
  return suffer(call, path);
}

#define FAIL_IF_ERROR(fault)      \
  if ((fault).kind == 'e') {      \
    errno = (int)(fault).argument; \
    return -1;                    \
  }

static size_t cut(struct fault fault, size_t count) {
  return fault.kind == 's' && (size_t)fault.argument < count ? (size_t)fault.argument : count;
}

ssize_t write(int fd, const void *bytes, size_t count) {
  REAL("write", ssize_t(*)(int, const void *, size_t));
  struct fault fault = suffer_fd("write", fd);
  FAIL_IF_ERROR(fault);
  return next(fd, bytes, cut(fault, count));
}

#define PWRITE(name, offset_type)                                             \
  ssize_t name(int fd, const void *bytes, size_t count, offset_type offset) { \
    REAL(#name, ssize_t(*)(int, const void *, size_t, offset_type));          \
    struct fault fault = suffer_fd("write", fd);                              \
    FAIL_IF_ERROR(fault);                                                     \
    return next(fd, bytes, cut(fault, count), offset);                        \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

/* A vector is cut to its first buffer. */
ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL("writev", ssize_t(*)(int, const struct iovec *, int));
  struct fault fault = suffer_fd("write", fd);
  FAIL_IF_ERROR(fault);
  return next(fd, parts, fault.kind == 's' ? 1 : count);
}

#define PWRITEV(name, offset_type)                                                 \
  ssize_t name(int fd, const struct iovec *parts, int count, offset_type offset) { \
    REAL(#name, ssize_t(*)(int, const struct iovec *, int, offset_type));          \
    struct fault fault = suffer_fd("write", fd);                                   \
    FAIL_IF_ERROR(fault);                                                          \
    return next(fd, parts, fault.kind == 's' ? 1 : count, offset);                 \
  }
PWRITEV(pwritev, off_t)
PWRITEV(pwritev64, off64_t)

ssize_t read(int fd, void *bytes, size_t count) {
  REAL("read", ssize_t(*)(int, void *, size_t));
  struct fault fault = suffer_fd("read", fd);
  FAIL_IF_ERROR(fault);
  return next(fd, bytes, count);
}

#define PREAD(name, offset_type)                                        \
  ssize_t name(int fd, void *bytes, size_t count, offset_type offset) { \
    REAL(#name, ssize_t(*)(int, void *, size_t, offset_type));          \
    struct fault fault = suffer_fd("read", fd);                         \
    FAIL_IF_ERROR(fault);                                               \
    return next(fd, bytes, count, offset);                              \
  }
PREAD(pread, off_t)
PREAD(pread64, off64_t)

#define SYNC(name)                              \
  int name(int fd) {                            \
    REAL(#name, int (*)(int));                  \
    struct fault fault = suffer_fd("sync", fd); \
    FAIL_IF_ERROR(fault);                       \
    return next(fd);                            \
  }
SYNC(fsync)
SYNC(fdatasync)

#define TRUNCATE(name, length_type)                 \
  int name(int fd, length_type length) {            \
    REAL(#name, int (*)(int, length_type));         \
    struct fault fault = suffer_fd("truncate", fd); \
    FAIL_IF_ERROR(fault);                           \
    return next(fd, length);                        \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

int rename(const char *from, const char *to) {
  REAL("rename", int (*)(const char *, const char *));
  struct fault fault = suffer("rename", to);
  FAIL_IF_ERROR(fault);
  return next(from, to);
}

#define OPEN(name)                                   \
  int name(const char *path, int flags, ...) {       \
    REAL(#name, int (*)(const char *, int, ...));    \
    mode_t mode = 0;                                 \
    if (flags & (O_CREAT | O_TMPFILE)) {             \
      va_list list;                                  \
      va_start(list, flags);                         \
      mode = va_arg(list, mode_t);                   \
      va_end(list);                                  \
    }                                                \
    struct fault fault = suffer("open", path);       \
    FAIL_IF_ERROR(fault);                            \
    return next(path, flags, mode);                  \
  }
OPEN(open)
OPEN(open64)
