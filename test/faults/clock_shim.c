/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded into httpd: its clock is the machine's and the number of microseconds in the file that
 * SB_CLOCK_FILE names, which is mapped, so that the clock of all its processes can be stepped at
 * any time. What is monotonic stays so, as when an administrator sets the clock.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t million = 1000000;
static const _Atomic int64_t no_step;
static const _Atomic int64_t *step_us = &no_step;

__attribute__((constructor)) static void map_step(void)
{
    const char *const name = getenv("SB_CLOCK_FILE");
    const int fd = name != NULL ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *const memory = mmap(NULL, sizeof(*step_us), PROT_READ, MAP_SHARED, fd, 0);
    if (memory != MAP_FAILED)
        step_us = memory;
    close(fd);
}

static struct timespec moved(struct timespec time, int64_t by_us)
{
    const int64_t ns = time.tv_nsec + by_us % million * 1000 + 1000 * million;
    time.tv_sec += by_us / million + ns / (1000 * million) - 1;
    time.tv_nsec = ns % (1000 * million);
    return time;
}

static int real_clock_gettime(clockid_t clock, struct timespec *time)
{
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    return real(clock, time);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    const int result = real_clock_gettime(clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        *time = moved(*time, *step_us);
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec time;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &time) != 0)
        return -1;
    now->tv_sec = time.tv_sec;
    now->tv_usec = time.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL)
        *out = now.tv_sec;
    return now.tv_sec;
}

/* The kernel knows nothing of the step. Times of the monotonic clock are those of a machine that
 * has not been up for thirty years. */
int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until)
{
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    if (until->tv_sec < 1000 * million)
        return real(condition, mutex, until);
    const struct timespec machines = moved(*until, -*step_us);
    return real(condition, mutex, &machines);
}
