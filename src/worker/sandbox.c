/*
 * The worker's sandbox; the one file that uses libseccomp. Its hazards: the filter is installed for
 * the calling thread (the worker has one); a rule for a system call that the machine's architecture
 * does not have is refused with -EDOM, which is as good as the rule; the library's own work
 * (memory, the load) must be done before its filter holds. Runs once, on the main thread.
 */
#include "worker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "work/worker_protocol.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static int set_limit(__rlimit_resource_t resource, rlim_t most)
{
    const struct rlimit limit = { .rlim_cur = most, .rlim_max = most };
    return setrlimit(resource, &limit) < 0 ? -errno : 0;
}

/* Bytes of address space in use, by /proc/self/statm; 0 when that cannot be read. */
static uint64_t address_space(void)
{
    CTX_AUTO_FCLOSE FILE *statm = fopen("/proc/self/statm", "re");
    unsigned long pages = 0;
    if (!statm || fscanf(statm, "%lu", &pages) != 1)
        return 0;
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int limit_memory(uint64_t memory_limit, uint32_t *sandbox)
{
    uint64_t own = address_space();
    if (SANITIZED || memory_limit == 0)
        return 0;
    if (own == 0)
        return -ENOENT;
    int r = set_limit(RLIMIT_AS, own + memory_limit);
    if (r == 0)
        *sandbox |= CTX_SANDBOX_MEMORY;
    return r;
}

static int limit_rest(void)
{
    static const struct {
        __rlimit_resource_t resource;
        rlim_t most;
        bool sanitized; /* whether sanitizers can live with it */
    } limits[] = {
        { RLIMIT_CORE, 0, true },
        { RLIMIT_FSIZE, 0, true },
        { RLIMIT_CPU, CTX_WORKER_CPU_S, true },
        { RLIMIT_NPROC, 0, false },
        { RLIMIT_NOFILE, 0, false },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(limits); i++) {
        if (SANITIZED && !limits[i].sanitized)
            continue;
        int r = set_limit(limits[i].resource, limits[i].most);
        if (r < 0)
            return r;
    }
    return 0;
}

/*
 * Landlock's attributes as of ABI 6; older kernels take the first fields by their size. The kernel
 * headers of the build may be older than the kernel, so the later fields are spelled out here.
 */
struct landlock_attributes {
    uint64_t access_fs, access_net, scoped;
};

/* All rights that an ABI knows, so that all are refused. */
static size_t landlock_everything(long abi, struct landlock_attributes *ret_attributes)
{
    static const uint64_t fs_bits[] = { 13, 14, 15, 15, 16 };
    const long newest = (long)CTX_ARRAY_LEN(fs_bits);
    uint64_t bits = fs_bits[(abi < newest ? abi : newest) - 1];
    *ret_attributes = (struct landlock_attributes){
        .access_fs = (UINT64_C(1) << bits) - 1,
        .access_net = abi >= 4 ? 3 : 0,
        .scoped = abi >= 6 ? 3 : 0,
    };
    return abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
}

static int enter_landlock(uint32_t *sandbox)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return 0; /* not in this kernel, or switched off, or kept from us */
    struct landlock_attributes attributes;
    size_t size = landlock_everything(abi, &attributes);
    int fd = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
    if (fd < 0)
        return -errno;
    int r = syscall(SYS_landlock_restrict_self, fd, 0) < 0 ? -errno : 0;
    close(fd);
    if (r < 0)
        return r;
    /* It holds when a file that is there cannot be opened for want of rights. */
    if (open("/proc/self/statm", O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
        return -EPERM;
    *sandbox |= CTX_SANDBOX_LANDLOCK;
    return 0;
}

/* What a transform needs: memory, the clock, its socket, and to end. */
static const int PLAIN_CALLS[] = {
    SCMP_SYS(brk),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(futex),
    SCMP_SYS(getpid),
    SCMP_SYS(getrusage),
    SCMP_SYS(gettid),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(madvise),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sysinfo),
    SCMP_SYS(time),
};

static int allow(scmp_filter_ctx filter, int call)
{
    int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
    return r == -EDOM ? 0 : r;
}

static int allow_if(scmp_filter_ctx filter, int call, struct scmp_arg_cmp condition)
{
    int r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &condition);
    return r == -EDOM ? 0 : r;
}

/* Calls that are allowed with some arguments alone. */
static int allow_narrowly(scmp_filter_ctx filter)
{
    const struct {
        int call;
        struct scmp_arg_cmp condition;
    } rules[] = {
        { SCMP_SYS(read), SCMP_A0_64(SCMP_CMP_EQ, CTX_WORKER_FD) },
        { SCMP_SYS(write), SCMP_A0_64(SCMP_CMP_EQ, CTX_WORKER_FD) },
        /* A library's last words, to /dev/null. */
        { SCMP_SYS(write), SCMP_A0_64(SCMP_CMP_EQ, STDERR_FILENO) },
        { SCMP_SYS(writev), SCMP_A0_64(SCMP_CMP_EQ, STDERR_FILENO) },
        /* Memory, but none that could run. */
        { SCMP_SYS(mmap), SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
        { SCMP_SYS(mprotect), SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
        /* abort() */
        { SCMP_SYS(tgkill), SCMP_A0_64(SCMP_CMP_EQ, (scmp_datum_t)getpid()) },
    };
    for (size_t i = 0; i < CTX_ARRAY_LEN(rules); i++) {
        int r = allow_if(filter, rules[i].call, rules[i].condition);
        if (r < 0)
            return r;
    }
    return 0;
}

/* A call that the filter answers in a way of its own shows that the filter holds. */
enum { CANARY_ERRNO = EUCLEAN };

static int fill_filter(scmp_filter_ctx filter)
{
    int r = allow_narrowly(filter);
    for (size_t i = 0; r == 0 && i < CTX_ARRAY_LEN(PLAIN_CALLS); i++)
        r = allow(filter, PLAIN_CALLS[i]);
    if (r == 0)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(CANARY_ERRNO), SCMP_SYS(getppid), 0);
    return r;
}

static int enter_seccomp(uint32_t *sandbox)
{
    if (SANITIZED || prctl(PR_GET_SECCOMP) < 0)
        return 0; /* EINVAL: not in this kernel */
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter) /* seccomp(2) is kept from us, prctl(2) is not; the one thread is the process */
        filter = seccomp_init(SCMP_ACT_KILL_THREAD);
    if (!filter)
        return -ENOMEM;
    int r = fill_filter(filter);
    if (r == 0)
        r = seccomp_load(filter);
    seccomp_release(filter);
    if (r < 0)
        return r;
    if (syscall(SYS_getppid) >= 0 || errno != CANARY_ERRNO)
        return -EPERM;
    *sandbox |= CTX_SANDBOX_SECCOMP;
    return 0;
}

int ctx_sandbox_enter(uint64_t memory_limit, uint32_t *ret_sandbox, const char **ret_step)
{
    uint32_t sandbox = 0;
    *ret_step = "no new privileges";
    int r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
    if (r == 0) {
        *ret_step = "limits";
        r = limit_memory(memory_limit, &sandbox);
    }
    if (r == 0) {
        *ret_step = "Landlock";
        r = enter_landlock(&sandbox);
    }
    if (r == 0) {
        *ret_step = "limits";
        r = limit_rest();
    }
    if (r == 0) {
        *ret_step = "seccomp";
        r = enter_seccomp(&sandbox);
    }
    if (r == 0)
        *ret_sandbox = sandbox;
    return r;
}
