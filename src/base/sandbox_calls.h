/* SPDX-License-Identifier: ISC */
/*
 * The filters of system calls, written out: libseccomp, asked for the same, takes memory, crashes
 * where there is none, and costs a fifth of a millisecond. A test compares the two, call by call.
 */
#ifndef SEALPOST_SANDBOX_CALLS_H
#define SEALPOST_SANDBOX_CALLS_H

#ifdef __linux__

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

/* Of the machine that the program is built for. */
#if defined(__x86_64__)
#define CALLS_ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define CALLS_ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define CALLS_ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#define CALLS_ARCH AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define CALLS_ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define CALLS_ARCH AUDIT_ARCH_PPC64LE
#elif defined(__powerpc64__)
#define CALLS_ARCH AUDIT_ARCH_PPC64
#elif defined(__powerpc__)
#define CALLS_ARCH AUDIT_ARCH_PPC
#elif defined(__s390x__)
#define CALLS_ARCH AUDIT_ARCH_S390X
#elif defined(__loongarch64)
#define CALLS_ARCH 0xc0000102u /* AUDIT_ARCH_LOONGARCH64 of newer headers */
#elif defined(__mips64) && defined(__MIPSEL__) && _MIPS_SIM == _ABI64
#define CALLS_ARCH AUDIT_ARCH_MIPSEL64
#elif defined(__mips__) && defined(__MIPSEL__) && _MIPS_SIM == _ABIO32
#define CALLS_ARCH AUDIT_ARCH_MIPSEL
#elif defined(__hppa__)
#define CALLS_ARCH AUDIT_ARCH_PARISC
#elif defined(__m68k__)
#define CALLS_ARCH AUDIT_ARCH_M68K
#else
#error "the number that the audit system has for this architecture is to be added above"
#endif

/* A filter sees the lower half of an argument first or last, as the processor has it. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define CALLS_LOW 0u
#else
#define CALLS_LOW 4u
#endif
#define CALLS_ARG(n, half) (offsetof(struct seccomp_data, args) + 8u * (n) + (half))

#define BPF_LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)(offset))
#define BPF_RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define BPF_IF(k, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(k), (yes), (no))
#define RETURN_ERROR(e) (SECCOMP_RET_ERRNO | (e)) /* 0: the call does nothing and returns 0 */

/*
 * Other architectures' system calls (32 bit, x32) would pass under other numbers. -1 is no call; a
 * debugger leaves it behind in place of one that it answers.
 */
#define X32_CALLS 0x40000000u
#define BPF_NATIVE_ONLY                                                                            \
	BPF_LOAD(offsetof(struct seccomp_data, arch)), BPF_IF(CALLS_ARCH, 1, 0),                   \
		BPF_RETURN(SECCOMP_RET_KILL_PROCESS), BPF_LOAD(offsetof(struct seccomp_data, nr)), \
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_CALLS, 0, 2), BPF_IF(0xffffffffu, 1, 0),   \
		BPF_RETURN(SECCOMP_RET_KILL_PROCESS)

/* One system call; the next one stands behind it. */
#define BPF_CALL(nr, action) BPF_IF(nr, 0, 1), BPF_RETURN(action)
#define BPF_CALL_WITH(nr, first_arg, action, otherwise)                                            \
	BPF_IF(nr, 0, 4), BPF_LOAD(CALLS_ARG(0, CALLS_LOW)), BPF_IF(first_arg, 0, 1),              \
		BPF_RETURN(action), BPF_RETURN(otherwise)

/* Whatever Unix socket is made is descriptor 0, and it is connected already. */
#define BPF_ONE_SOCKET                                                                             \
	BPF_CALL_WITH(SYS_socket, AF_UNIX, RETURN_ERROR(0), RETURN_ERROR(EPERM)),                  \
		BPF_CALL_WITH(SYS_connect, STDIN_FILENO, RETURN_ERROR(0), RETURN_ERROR(EPERM)),    \
		BPF_CALL(SYS_socketpair, RETURN_ERROR(EPERM)),                                     \
		BPF_CALL(SYS_bind, RETURN_ERROR(EPERM)), BPF_CALL(SYS_listen, RETURN_ERROR(EPERM))

#define CALLS_MAX 512 /* instructions; the largest filter has about 200 */

struct call_filter {
	struct sock_filter insn[CALLS_MAX];
	size_t n;
};

enum call_rules {
	CALLS_MAIL,       /* no socket */
	CALLS_ONE_SOCKET, /* 0, which passes for any (sandbox_one_socket) */
	CALLS_NET,        /* sockets of TCP and UDP; no program is started */
	CALLS_NET_STREAM, /* the same without UDP */
};

/* Fills f: what is not denied is allowed. -1: it does not fit. */
int calls_filter(struct call_filter *f, enum call_rules rules);

#endif
#endif
