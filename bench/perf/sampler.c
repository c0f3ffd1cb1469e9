/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cost of the sampler compared with the physical limit: bare preads of the same files, in the
 * same program, in interleaved rounds, by CLOCK_THREAD_CPUTIME_ID. Then the cost of the sampler
 * with its thread, whose ticks find cold caches. Usage: sampler [ROUNDS [SECONDS]]
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "archive/archive.h"
#include "sample/sampler.h"
#include "sample/text.h"

#define PASSES 200
#define MAX_FILES 64
#define MAX_ROUNDS 1000

struct file {
	int fd;
	enum text_reads reads;
};

struct set {
	const char *name;
	struct sample_cfg cfg;
};

static const struct set sets[] = {
	{ "vmstat", { .vmstat_ns = 1000000000 } },
	{ "vmstat, kswapd, psi",
	  { .vmstat_ns = 1000000000, .kswapd_ns = 1000000000, .psi_ns = 1000000000 } },
	{ "node vmstat", { .node_ns = 1000000000 } },
	{ "zoneinfo", { .zoneinfo_ns = 1000000000 } },
	{ "meminfo", { .meminfo_ns = 1000000000 } },
	{ "all",
	  { .vmstat_ns = 1000000000,
	    .kswapd_ns = 1000000000,
	    .psi_ns = 1000000000,
	    .node_ns = 1000000000,
	    .zoneinfo_ns = 1000000000,
	    .meminfo_ns = 1000000000 } },
};

static double cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static _Noreturn void die(const char *what, const struct err *e)
{
	fprintf(stderr, "bench sampler: %s: %s\n", what, e->msg);
	exit(3);
}

/* Does the same preads, and nothing else. Returns the bytes read. */
static size_t bare_pass(const struct file *f, size_t nr, char *buf, size_t size)
{
	size_t total = 0;

	for (size_t i = 0; i < nr; i++) {
		size_t len = 0;
		ssize_t n;

		do {
			size_t want = f[i].reads == READ_PAGES ? 4096 : size - len;

			n = pread(f[i].fd, buf, want, (off_t)len);
			if (n > 0)
				len += (size_t)n;
		} while (n > 0 && f[i].reads != READ_ONCE &&
			 (f[i].reads == READ_TO_END || n + 128 > 4096));
		total += len;
	}
	return total;
}

static size_t open_bare(const struct sample_cfg *cfg, struct file *f)
{
	struct source_list l = { .root = NULL };
	size_t out = 0;

	source_find(&l, cfg);
	for (size_t i = 0; i < l.nr; i++) {
		const struct text_format *format = l.v[i].arg;

		f[out].fd = out < MAX_FILES ? open(l.v[i].what, O_RDONLY | O_CLOEXEC) : -1;
		f[out].reads = format->reads;
		if (f[out].fd >= 0)
			out++;
	}
	source_list_release(&l);
	return out;
}

static off_t file_size(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_size;
}

static void compare(const struct set *set, int rounds)
{
	static double bare[MAX_ROUNDS], ours[MAX_ROUNDS], ratio[MAX_ROUNDS];
	static char buf[1 << 20];
	static struct file files[MAX_FILES + 1];
	size_t nr = open_bare(&set->cfg, files), bytes = 0;
	char path[] = "/tmp/wmark-bench.XXXXXX";
	int fd = mkstemp(path);
	struct err e = ERR_INIT;
	struct archive_writer *w;
	struct sampler *s;
	off_t before;

	if (fd < 0 || archive_writer_open(&w, fd, 0, &e))
		die(path, &e);
	unlink(path);
	if (sampler_open_manual(&s, &set->cfg, NULL, w, &e))
		die(set->name, &e);
	archive_writer_flush(w, NULL);
	before = file_size(fd);
	for (int r = 0; r < rounds; r++) {
		/*
		 * The two take turns at being first, so that neither always finds the caches of the
		 * other.
		 */
		for (int half = 0; half < 2; half++) {
			double start = cpu_us();

			if ((half ^ r) & 1) {
				for (int i = 0; i < PASSES; i++)
					bytes = bare_pass(files, nr, buf, sizeof(buf));
				bare[r] = (cpu_us() - start) / PASSES;
			} else {
				for (int i = 0; i < PASSES; i++)
					if (sampler_pass(s, &e) < 0)
						die(set->name, &e);
				ours[r] = (cpu_us() - start) / PASSES;
			}
		}
		ratio[r] = ours[r] / bare[r];
	}
	sampler_stop(s, NULL, NULL);
	archive_writer_flush(w, NULL);
	qsort(bare, (size_t)rounds, sizeof(*bare), by_value);
	qsort(ours, (size_t)rounds, sizeof(*ours), by_value);
	qsort(ratio, (size_t)rounds, sizeof(*ratio), by_value);
	printf("%-20s %5zu %7zu  %6.1f %6.1f..%-6.1f  %6.1f %6.1f..%-6.1f  %5.2f %4.2f..%-4.2f  %7.0f\n",
	       set->name, nr, bytes, bare[rounds / 2], bare[0], bare[rounds - 1], ours[rounds / 2],
	       ours[0], ours[rounds - 1], ratio[rounds / 2], ratio[0], ratio[rounds - 1],
	       (double)(file_size(fd) - before) / (rounds * PASSES));
	archive_writer_close(w, NULL, NULL);
	close(fd);
	for (size_t i = 0; i < nr; i++)
		close(files[i].fd);
}

static void in_place(double hz, double seconds)
{
	uint64_t ns = (uint64_t)(1e9 / hz);
	struct sample_cfg cfg = { .vmstat_ns = ns,
				  .kswapd_ns = ns,
				  .psi_ns = ns,
				  .node_ns = ns,
				  .zoneinfo_ns = ns,
				  .realtime = true };
	struct timespec pause = { (time_t)seconds,
				  (long)((seconds - (double)(time_t)seconds) * 1e9) };
	char path[] = "/tmp/wmark-bench.XXXXXX";
	int fd = mkstemp(path);
	struct sampler_stats st;
	struct err e = ERR_INIT;
	struct archive_writer *w;
	struct sampler *s;
	double ticks = hz * seconds;

	if (fd < 0 || archive_writer_open(&w, fd, 0, &e))
		die(path, &e);
	unlink(path);
	if (sampler_start(&s, &cfg, NULL, w, &e))
		die("start", &e);
	while (nanosleep(&pause, &pause) && errno == EINTR)
		;
	sampler_stop(s, &st, &e);
	archive_writer_close(w, NULL, NULL);
	printf("%6.0f  %9.1f  %8.3f  %6" PRIu64 " %6" PRIu64 " %6" PRIu64 "  %6" PRIu64 "  %s%s\n",
	       hz, (double)st.cpu_ns / 1e3 / ticks, (double)st.cpu_ns / 1e7 / seconds,
	       st.late_p50_us, st.late_p99_us, st.late_max_us, st.missed, st.fifo ? "fifo " : "",
	       st.locked ? "locked" : "");
	close(fd);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 21;
	double seconds = argc > 2 ? atof(argv[2]) : 3;

	if (rounds < 1 || rounds > MAX_ROUNDS || seconds <= 0) {
		fprintf(stderr, "usage: %s [ROUNDS (1..%d) [SECONDS]]\n", argv[0], MAX_ROUNDS);
		return 2;
	}
	printf("CPU us per pass, median min..max of %d interleaved rounds of %d passes\n", rounds,
	       PASSES);
	printf("%-20s %5s %7s  %6s %-14s  %6s %-14s  %5s %-10s  %7s\n", "set", "files", "bytes",
	       "bare", "", "wmark", "", "ratio", "", "B/pass");
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		compare(&sets[i], rounds);
	printf("\nin place, vmstat + kswapd + psi + node vmstat + zoneinfo every tick, %.1f s each\n",
	       seconds);
	printf("%6s  %9s  %8s  %6s %6s %6s  %6s\n", "Hz", "us/tick", "% core", "p50 us", "p99",
	       "max", "missed");
	in_place(10, seconds);
	in_place(100, seconds);
	return 0;
}
