/* SPDX-License-Identifier: ISC */
#ifdef __linux__

#include "base/sandbox_calls.h"

#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h> /* numbers only: those that a machine does not have are negative */
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same on every architecture; libseccomp may be older. */
#define NR_FCHMODAT2 452
#define NR_SETXATTRAT 463
#define NR_REMOVEXATTRAT 466
#define NR_FILE_SETATTR 469

/* Ways around the rest, and ways to other processes' memory; what Landlock does not see:
 * modes, attributes, priorities. Refused in both sandboxes. */
static const int denied[] = {SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(process_madvise), SCMP_SYS(pidfd_getfd),
	SCMP_SYS(kcmp), SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd),
	SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load), SCMP_SYS(init_module), SCMP_SYS(finit_module),
	SCMP_SYS(delete_module), SCMP_SYS(reboot), SCMP_SYS(mount), SCMP_SYS(umount2),
	SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(fsopen), SCMP_SYS(fsmount),
	SCMP_SYS(move_mount), SCMP_SYS(open_tree), SCMP_SYS(mount_setattr), SCMP_SYS(swapon),
	SCMP_SYS(swapoff), SCMP_SYS(setns), SCMP_SYS(unshare), SCMP_SYS(open_by_handle_at),
	SCMP_SYS(name_to_handle_at), SCMP_SYS(acct), SCMP_SYS(quotactl), SCMP_SYS(iopl),
	SCMP_SYS(ioperm), SCMP_SYS(chmod), SCMP_SYS(fchmod), SCMP_SYS(fchmodat), NR_FCHMODAT2,
	SCMP_SYS(setxattr), SCMP_SYS(lsetxattr), SCMP_SYS(fsetxattr), NR_SETXATTRAT,
	SCMP_SYS(removexattr), SCMP_SYS(lremovexattr), SCMP_SYS(fremovexattr), NR_REMOVEXATTRAT,
	NR_FILE_SETATTR, SCMP_SYS(setpriority), SCMP_SYS(sched_setscheduler),
	SCMP_SYS(sched_setparam), SCMP_SYS(sched_setattr), SCMP_SYS(ioprio_set)};

/* No socket of any kind is made, connected or listened on: Landlock cannot stop connect(), and
 * behind the user's own sockets lie command execution (D-Bus, systemd) and the secret keys
 * (gpg-agent). What it talks to it has been given. */
static const int denied_mail[] = {SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect),
	SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4)};

_Static_assert(sizeof(denied) / sizeof(denied[0]) < 170, "a jump is a byte");

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define NO_FAMILY RETURN_ERROR(EAFNOSUPPORT)

/* clone(2): the order of its arguments is another there. */
#ifdef __s390x__
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

static void add_insn(struct call_filter *f, struct sock_filter insn)
{
	if (f->n < CALLS_MAX)
		f->insn[f->n] = insn;
	f->n++;
}

#define ADD(f, ...) add_insn(f, (struct sock_filter)__VA_ARGS__)

static void deny_call(struct call_filter *f, int nr, unsigned action)
{
	if (nr < 0)
		return;
	ADD(f, BPF_IF(nr, 0, 1));
	ADD(f, BPF_RETURN(action));
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

#define SEARCH_LEAF 4 /* numbers that are compared one after the other */

/* Where it ends, for deny_calls to fill in: a number that is found is denied, another passes. */
static void search_calls(struct call_filter *f, const int *nr, size_t n)
{
	const size_t half = n / 2, began = f->n;
	size_t i;

	for (i = 0; n <= SEARCH_LEAF && i < n; i++)
		ADD(f, BPF_IF(nr[i], 0, i + 1 == n));
	if (n <= SEARCH_LEAF)
		return;
	ADD(f, BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (unsigned)nr[half], 0, 0));
	search_calls(f, nr, half);
	if (f->n <= CALLS_MAX)
		f->insn[began].jt = (unsigned char)(f->n - began - 1);
	search_calls(f, nr + half, n - half);
}

/*
 * One instruction for each, as the kernel takes its time to read and translate them, and found by
 * halves: it also tries every number there is, to know those that pass whatever their arguments.
 */
static void deny_calls(struct call_filter *f, const int *nr, size_t n)
{
	const size_t began = f->n;
	int sorted[COUNT_OF(denied)];
	size_t i, end, have = 0;

	for (i = 0; i < n; i++) {
		if (nr[i] >= 0)
			sorted[have++] = nr[i];
	}
	if (have == 0)
		return;
	qsort(sorted, have, sizeof(sorted[0]), by_number);
	search_calls(f, sorted, have);
	end = f->n;
	ADD(f, BPF_RETURN(RETURN_ERROR(EPERM)));
	for (i = began; i < end && f->n <= CALLS_MAX; i++) {
		if (BPF_OP(f->insn[i].code) != BPF_JEQ)
			continue;
		f->insn[i].jt = (unsigned char)(end - i - 1);
		if (f->insn[i].jf != 0)
			f->insn[i].jf = (unsigned char)(end - i);
	}
}

/* What follows, until call_end(), is about this call. */
static size_t call_begin(struct call_filter *f, int nr)
{
	ADD(f, BPF_IF(nr, 0, 0));
	return f->n - 1;
}

static void call_end(struct call_filter *f, size_t began)
{
	ADD(f, BPF_RETURN(SECCOMP_RET_ALLOW));
	if (f->n <= CALLS_MAX)
		f->insn[began].jf = (unsigned char)(f->n - began - 1);
}

/* Denied where, of that argument, the bits of the mask are these. */
static void deny_bits(
	struct call_filter *f, unsigned arg, unsigned mask, unsigned bits, unsigned action)
{
	ADD(f, BPF_LOAD(CALLS_ARG(arg, CALLS_LOW)));
	ADD(f, BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
	ADD(f, BPF_IF(bits, 0, 1));
	ADD(f, BPF_RETURN(action));
}

/* Denied unless that argument, as wide as it is, is one of these. */
static void deny_others(
	struct call_filter *f, unsigned arg, const unsigned *value, size_t n, unsigned action)
{
	size_t i;

	ADD(f, BPF_LOAD(CALLS_ARG(arg, 4u - CALLS_LOW)));
	ADD(f, BPF_IF(0, 1, 0));
	ADD(f, BPF_RETURN(action));
	ADD(f, BPF_LOAD(CALLS_ARG(arg, CALLS_LOW)));
	for (i = 0; i < n; i++)
		ADD(f, BPF_IF(value[i], n - i, 0));
	ADD(f, BPF_RETURN(action));
}

static void deny_call_bits(
	struct call_filter *f, int nr, unsigned arg, unsigned mask, unsigned bits, unsigned action)
{
	size_t began;

	if (nr < 0)
		return;
	began = call_begin(f, nr);
	deny_bits(f, arg, mask, bits, action);
	call_end(f, began);
}

static void deny_common(struct call_filter *f)
{
	size_t began;

	deny_calls(f, denied, COUNT_OF(denied));
	/* Typing into the terminal, or pasting into the console, would let a command run outside.
	 */
	began = call_begin(f, SCMP_SYS(ioctl));
	deny_bits(f, 1, ~0u, TIOCSTI, RETURN_ERROR(EPERM));
	deny_bits(f, 1, ~0u, TIOCLINUX, RETURN_ERROR(EPERM));
	call_end(f, began);
	deny_call_bits(
		f, SCMP_SYS(clone), CLONE_FLAGS, CLONE_NEWUSER, CLONE_NEWUSER, RETURN_ERROR(EPERM));
	/* Its flags lie in memory, which a filter cannot see; the C library then uses clone. */
	deny_call(f, SCMP_SYS(clone3), RETURN_ERROR(ENOSYS));
}

/* On some old machines one call does all that concerns sockets, and its first argument says which.
 * The others lie in memory: what is denied by them cannot be denied there. */
static void deny_socketcall(struct call_filter *f)
{
#ifdef SYS_socketcall
	static const unsigned which[] = {1, 2, 3, 4, 5, 8, 18}; /* as above; linux/net.h */
	size_t began = call_begin(f, SYS_socketcall), i;

	for (i = 0; i < COUNT_OF(which); i++)
		deny_bits(f, 0, ~0u, which[i], RETURN_ERROR(EPERM));
	call_end(f, began);
#else
	(void)f;
#endif
}

/*
 * The internet only: TCP and UDP by their names or as the usual one of a kind of socket. Landlock
 * knows no other protocol's ports: MPTCP would speak TCP to any.
 */
static void deny_sockets(struct call_filter *f, bool datagrams)
{
	static const unsigned families[] = {AF_INET, AF_INET6};
	static const unsigned protocols[] = {0, IPPROTO_TCP, IPPROTO_UDP};
	static const unsigned pairs[] = {AF_UNIX};
	size_t began = call_begin(f, SCMP_SYS(socket));
	unsigned type;

	for (type = 0; !datagrams && type <= 0xf; type++) {
		if (type != SOCK_STREAM)
			deny_bits(f, 1, 0xf, type, RETURN_ERROR(EPERM));
	}
	deny_others(f, 0, families, COUNT_OF(families), NO_FAMILY);
	deny_others(f, 2, protocols, COUNT_OF(protocols), RETURN_ERROR(EPERM));
	call_end(f, began);
	/* A pair of connected Unix sockets is its libraries' wake-up call. */
	began = call_begin(f, SCMP_SYS(socketpair));
	deny_others(f, 0, pairs, COUNT_OF(pairs), NO_FAMILY);
	call_end(f, began);
}

/* No new program. A send that also connects Landlock does not see; libunbound then connects
 * first. */
static void deny_net(struct call_filter *f, bool datagrams)
{
	static const struct {
		int call;
		unsigned flags; /* which argument */
	} send[] = {{SCMP_SYS(sendto), 3}, {SCMP_SYS(sendmsg), 2}, {SCMP_SYS(sendmmsg), 3}};
	size_t i;

	deny_call(f, SCMP_SYS(execve), RETURN_ERROR(EPERM));
	deny_call(f, SCMP_SYS(execveat), RETURN_ERROR(EPERM));
	deny_sockets(f, datagrams);
	for (i = 0; i < COUNT_OF(send); i++)
		deny_call_bits(f, send[i].call, send[i].flags, MSG_FASTOPEN, MSG_FASTOPEN,
			RETURN_ERROR(EOPNOTSUPP));
}

static void add_insns(struct call_filter *f, const struct sock_filter *insn, size_t n)
{
	while (n-- > 0)
		add_insn(f, *insn++);
}

int calls_filter(struct call_filter *f, enum call_rules rules)
{
	const struct sock_filter native[] = {BPF_NATIVE_ONLY}, one[] = {BPF_ONE_SOCKET};

	f->n = 0;
	add_insns(f, native, COUNT_OF(native));
	deny_common(f);
	if (rules == CALLS_ONE_SOCKET)
		add_insns(f, one, COUNT_OF(one));
	if (rules == CALLS_MAIL || rules == CALLS_ONE_SOCKET) {
		deny_calls(f, denied_mail, COUNT_OF(denied_mail));
		deny_socketcall(f);
	} else {
		deny_net(f, rules == CALLS_NET);
	}
	ADD(f, BPF_RETURN(SECCOMP_RET_ALLOW));
	return f->n <= CALLS_MAX ? 0 : -1;
}

#else

/* An empty translation unit is not C. */
typedef int sandbox_calls_is_empty;

#endif
