/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into QEMU by race.sh: widens the window in which its main loop may see a halted CPU
 * whose last instructions have not been charged yet (harness/vm/machine.h, vm_idles()). QEMU leaves
 * the loop of a CPU by siglongjmp(), right after helper_hlt() has set `halted`; there the CPU spins
 * for $WIDEN_EXIT_NS. The main loop comes back from ppoll() late, by up to $WIDEN_POLL_NS.
 */
#include <dlfcn.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint64_t exit_ns = 3000, poll_ns = 100000;
static void (*real_siglongjmp)(sigjmp_buf, int) __attribute__((noreturn));
static void (*real_longjmp_chk)(jmp_buf, int) __attribute__((noreturn));
static int (*real_ppoll)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);

void __longjmp_chk(jmp_buf env, int value) __attribute__((noreturn));

static uint64_t number(const char *name, uint64_t other)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : other;
}

__attribute__((constructor)) static void find_real(void)
{
	exit_ns = number("WIDEN_EXIT_NS", exit_ns);
	poll_ns = number("WIDEN_POLL_NS", poll_ns);
	*(void **)&real_siglongjmp = dlsym(RTLD_NEXT, "siglongjmp");
	*(void **)&real_longjmp_chk = dlsym(RTLD_NEXT, "__longjmp_chk");
	*(void **)&real_ppoll = dlsym(RTLD_NEXT, "ppoll");
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void spin(void)
{
	uint64_t end = now_ns() + exit_ns;

	while (now_ns() < end)
		;
}

void siglongjmp(sigjmp_buf env, int value)
{
	spin();
	real_siglongjmp(env, value);
}

/* what siglongjmp() becomes with _FORTIFY_SOURCE */
void __longjmp_chk(jmp_buf env, int value)
{
	spin();
	real_longjmp_chk(env, value);
}

int ppoll(struct pollfd *fds, nfds_t nr, const struct timespec *limit, const sigset_t *mask)
{
	int ret = real_ppoll(fds, nr, limit, mask);

	if (poll_ns && getpid() == syscall(SYS_gettid))
		nanosleep(&(struct timespec){ 0, (long)(now_ns() % poll_ns) }, NULL);
	return ret;
}
