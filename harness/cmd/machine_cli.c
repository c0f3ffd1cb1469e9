/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/machine_cli.h"

#include <errno.h>
#include <stdio.h>

#include "archive/store.h"
#include "vm/qemu.h"

const char *const *machine_overrides(const struct machine_cli *m, struct arena *mem, size_t *nr)
{
	const struct {
		const char *key, *value;
	} needs[] = {
		{ "nodes",	   m->nodes	    },
		  { "cpus",	    m->cpus	    },
		 { "mem",	  m->mem	 },
		{ "swap",	  m->swap	  },
		  { "swap_size", m->swap_size },
		 { "fs",	 m->fs	       },
		{ "fs_size",   m->fs_size	}
	};
	const size_t nr_needs = sizeof(needs) / sizeof(needs[0]);
	const char **v = arena_alloc(mem, (nr_needs + m->set.nr + 1) * sizeof(*v));

	*nr = 0;
	for (size_t i = 0; i < nr_needs; i++)
		if (needs[i].value)
			v[(*nr)++] = arena_printf(mem, "needs.%s=%s", needs[i].key, needs[i].value);
	for (size_t i = 0; i < m->set.nr; i++)
		v[(*nr)++] = m->set.v[i];
	return v;
}

struct target machine_target(const struct machine_cli *m, const struct host_conf *host)
{
	struct target t = target_of((enum target_kind)m->target);

	t.limit_ns = m->limit_ns;
	t.hang_ns = m->hang_ns;
	t.host = host;
	return t;
}

int machine_accel(const struct machine_cli *m, const struct vm_kernel *k, struct target *t,
		  struct err *e)
{
	char why[256];

	if (t->kind != TARGET_VM || m->accel == ACCEL_TCG)
		return 0;
	if (vm_kvm_works(k, why, sizeof(why)))
		t->accel = VM_KVM;
	else if (m->accel == ACCEL_KVM)
		return err_set(e, -ENODEV, "--accel kvm: a probe boot failed: %s", why);
	else
		fprintf(stderr, "wmark: KVM does not work here (%s); using TCG\n", why);
	return 0;
}

const char *machine_store(const struct machine_cli *m)
{
	return m->store ? m->store : store_dir();
}
