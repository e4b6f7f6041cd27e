/* SPDX-License-Identifier: ISC */
/*
 * sandbox_calls.c beside libseccomp, which is asked for the same rules: both filters are run, as
 * the kernel would, over every call with the arguments at which something changes. Where two rules
 * deny a call, which of their errors it gets does not matter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/sandbox_calls.c"

#define EPERM_ACTION SCMP_ACT_ERRNO(EPERM)
#define NO_FAMILY_ACTION SCMP_ACT_ERRNO(EAFNOSUPPORT)

struct cond {
	int call;
	struct scmp_arg_cmp arg;
	uint32_t action;
};

static void add_conds(scmp_filter_ctx c, const struct cond *cond, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		assert_int_equal(
			seccomp_rule_add_array(c, cond[i].action, cond[i].call, 1, &cond[i].arg),
			0);
}

static void add_all(scmp_filter_ctx c, const int *call, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		assert_int_equal(seccomp_rule_add(c, EPERM_ACTION, call[i], 0), 0);
}

static void library_net(scmp_filter_ctx c, bool datagrams)
{
	static const int no_programs[] = {SCMP_SYS(execve), SCMP_SYS(execveat)};
	const struct cond conds[] = {
		{SCMP_SYS(socket), SCMP_A0(SCMP_CMP_LT, AF_INET), NO_FAMILY_ACTION},
		{SCMP_SYS(socket), SCMP_A0(SCMP_CMP_GT, AF_INET6), NO_FAMILY_ACTION},
		{SCMP_SYS(socketpair), SCMP_A0(SCMP_CMP_NE, AF_UNIX), NO_FAMILY_ACTION},
		{SCMP_SYS(socket), SCMP_A2(SCMP_CMP_GT, IPPROTO_UDP), EPERM_ACTION},
		{SCMP_SYS(sendto), SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, MSG_FASTOPEN),
			SCMP_ACT_ERRNO(EOPNOTSUPP)},
		{SCMP_SYS(sendmsg), SCMP_A2(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, MSG_FASTOPEN),
			SCMP_ACT_ERRNO(EOPNOTSUPP)},
		{SCMP_SYS(sendmmsg), SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, MSG_FASTOPEN),
			SCMP_ACT_ERRNO(EOPNOTSUPP)},
	};
	unsigned i;

	add_all(c, no_programs, COUNT_OF(no_programs));
	add_conds(c, conds, COUNT_OF(conds));
	for (i = AF_INET + 1; i < AF_INET6; i++)
		add_conds(c,
			&(struct cond){SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, i), NO_FAMILY_ACTION},
			1);
	for (i = 1; i < IPPROTO_UDP; i++) {
		if (i != IPPROTO_TCP)
			add_conds(c,
				&(struct cond){
					SCMP_SYS(socket), SCMP_A2(SCMP_CMP_EQ, i), EPERM_ACTION},
				1);
	}
	for (i = 0; !datagrams && i <= 0xf; i++) {
		if (i != SOCK_STREAM)
			add_conds(c,
				&(struct cond){SCMP_SYS(socket),
					SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, i), EPERM_ACTION},
				1);
	}
}

static void library_one_socket(scmp_filter_ctx c)
{
	static const int no_others[] = {SCMP_SYS(socketpair), SCMP_SYS(bind), SCMP_SYS(listen),
		SCMP_SYS(accept), SCMP_SYS(accept4)};
	const struct cond conds[] = {
		{SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, AF_UNIX), SCMP_ACT_ERRNO(0)},
		{SCMP_SYS(socket), SCMP_A0(SCMP_CMP_NE, AF_UNIX), EPERM_ACTION},
		{SCMP_SYS(connect), SCMP_A0(SCMP_CMP_EQ, STDIN_FILENO), SCMP_ACT_ERRNO(0)},
		{SCMP_SYS(connect), SCMP_A0(SCMP_CMP_NE, STDIN_FILENO), EPERM_ACTION},
	};

	add_all(c, no_others, COUNT_OF(no_others));
	add_conds(c, conds, COUNT_OF(conds));
}

/* The same rules, from libseccomp: n instructions. */
static size_t library_filter(struct sock_filter *insn, enum call_rules rules)
{
	const struct cond common[] = {
		{SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, TIOCSTI), EPERM_ACTION},
		{SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, TIOCLINUX),
			EPERM_ACTION},
#if CLONE_FLAGS == 0
		{SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER),
			EPERM_ACTION},
#else
		{SCMP_SYS(clone), SCMP_A1(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER),
			EPERM_ACTION},
#endif
	};
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ALLOW);
	int fd = memfd_create("filter", 0);
	ssize_t n;

	assert_non_null(c);
	assert_true(fd >= 0);
	assert_int_equal(seccomp_attr_set(c, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), 0);
	add_all(c, denied, COUNT_OF(denied));
	add_conds(c, common, COUNT_OF(common));
	assert_int_equal(seccomp_rule_add(c, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), 0);
	if (rules == CALLS_MAIL)
		add_all(c, denied_mail, COUNT_OF(denied_mail));
	else if (rules == CALLS_ONE_SOCKET)
		library_one_socket(c);
	else
		library_net(c, rules == CALLS_NET);
	assert_int_equal(seccomp_export_bpf(c, fd), 0);
	seccomp_release(c);
	n = pread(fd, insn, sizeof(*insn) * BPF_MAXINSNS, 0);
	assert_true(n > 0 && (size_t)n % sizeof(*insn) == 0);
	close(fd);
	return (size_t)n / sizeof(*insn);
}

static bool jumps(unsigned op, uint32_t a, uint32_t k)
{
	switch (op) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	case BPF_JSET:
		return (a & k) != 0;
	}
	fail_msg("a jump that is not known: %x", op);
	return false;
}

/* What the kernel would do with it. */
static uint32_t run_filter(const struct sock_filter *f, size_t n, const struct seccomp_data *d)
{
	uint32_t a = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		switch (BPF_CLASS(f[i].code)) {
		case BPF_LD:
			assert_true(f[i].k + sizeof(a) <= sizeof(*d));
			memcpy(&a, (const char *)d + f[i].k, sizeof(a));
			break;
		case BPF_ALU:
			assert_int_equal(BPF_OP(f[i].code), BPF_AND);
			a &= f[i].k;
			break;
		case BPF_JMP:
			if (BPF_OP(f[i].code) == BPF_JA)
				i += f[i].k;
			else
				i += jumps(BPF_OP(f[i].code), a, f[i].k) ? f[i].jt : f[i].jf;
			break;
		case BPF_RET:
			return f[i].k;
		default:
			fail_msg("an instruction that is not known: %x", f[i].code);
		}
	}
	fail_msg("the filter has no end");
	return 0;
}

static bool refuses(uint32_t action)
{
	return (action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
}

struct both {
	struct call_filter ours;
	struct sock_filter library[BPF_MAXINSNS];
	size_t n;
	bool sockets; /* several rules may deny one call */
	size_t seen, refused;
};

static void compare(struct both *b, const struct seccomp_data *d)
{
	uint32_t ours = run_filter(b->ours.insn, b->ours.n, d);
	uint32_t library = run_filter(b->library, b->n, d);

	b->seen++;
	b->refused += refuses(ours);
	if (ours == library ||
		(b->sockets && d->nr == SCMP_SYS(socket) && refuses(ours) && refuses(library)))
		return;
	fail_msg("call %d (%llx, %llx, %llx, %llx) of %x: %x, and %x from libseccomp", d->nr,
		(unsigned long long)d->args[0], (unsigned long long)d->args[1],
		(unsigned long long)d->args[2], (unsigned long long)d->args[3], d->arch, ours,
		library);
}

static const uint64_t values[] = {0, 1, 2, 3, 5, 6, 7, 9, 10, 11, 16, 17, 18, 0xf, 132, 262,
	TIOCSTI, TIOCSTI + 1, 0x100000000ull | TIOCSTI, TIOCLINUX, 0x100000000ull | TIOCLINUX,
	CLONE_NEWUSER, CLONE_NEWUSER | 17, SOCK_STREAM | SOCK_CLOEXEC, SOCK_DGRAM | SOCK_NONBLOCK,
	MSG_FASTOPEN, MSG_FASTOPEN | MSG_NOSIGNAL, MSG_NOSIGNAL, 0x100000000ull, 0x100000002ull,
	0x100000006ull, 0xffffffffull, ~0ull};

static void compare_arguments(struct both *b, struct seccomp_data *d)
{
	size_t i, k, m;

	for (i = 0; i < COUNT_OF(values); i++) {
		for (k = 0; k < COUNT_OF(values); k++) {
			for (m = 0; m < COUNT_OF(values); m++) {
				d->args[0] = values[i];
				d->args[1] = values[k];
				d->args[2] = values[m];
				d->args[3] = values[(i + m) % COUNT_OF(values)];
				compare(b, d);
			}
		}
	}
}

static void compare_calls(enum call_rules rules)
{
	static const int with_arguments[] = {SCMP_SYS(socket), SCMP_SYS(socketpair),
		SCMP_SYS(ioctl), SCMP_SYS(clone), SCMP_SYS(sendto), SCMP_SYS(sendmsg),
		SCMP_SYS(sendmmsg)};
	static struct both b;
	struct seccomp_data d = {.arch = CALLS_ARCH};
	size_t i;

	memset(&b, 0, sizeof(b));
	assert_int_equal(calls_filter(&b.ours, rules), 0);
	b.n = library_filter(b.library, rules);
	b.sockets = rules == CALLS_NET || rules == CALLS_NET_STREAM;
	print_message("%zu instructions, %zu from libseccomp\n", b.ours.n, b.n);
	for (d.nr = -2; d.nr < 1024; d.nr++)
		compare(&b, &d);
	for (i = 0; i < COUNT_OF(with_arguments); i++) {
		d.nr = with_arguments[i];
		compare_arguments(&b, &d);
	}
#ifdef __x86_64__
	for (d.nr = 0x40000000; d.nr < 0x40000000 + 1024; d.nr++)
		compare(&b, &d);
#endif
	d.nr = SCMP_SYS(read);
	d.arch = CALLS_ARCH == AUDIT_ARCH_I386 ? AUDIT_ARCH_ARM : AUDIT_ARCH_I386;
	compare(&b, &d);
	assert_int_equal(run_filter(b.ours.insn, b.ours.n, &d), SECCOMP_RET_KILL_PROCESS);
	assert_true(b.refused > 1000 && b.refused < b.seen);
}

static void mail(void **state)
{
	(void)state;
	compare_calls(CALLS_MAIL);
}

static void one_socket(void **state)
{
	(void)state;
	compare_calls(CALLS_ONE_SOCKET);
}

static void net(void **state)
{
	(void)state;
	compare_calls(CALLS_NET);
	compare_calls(CALLS_NET_STREAM);
}

static void has_the_library_architecture(void **state)
{
	(void)state;
	assert_int_equal(CALLS_ARCH, seccomp_arch_native());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mail),
		cmocka_unit_test(one_socket),
		cmocka_unit_test(net),
		cmocka_unit_test(has_the_library_architecture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
