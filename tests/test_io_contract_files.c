/* The promise: files behave the same under every io backend: what is written at an offset is read
 * back from there, transfers are short only at the end, and errors have their names. */
#include "support/contract.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int open_new(struct contract *t, int flags)
{
    char path[128];

    return io_open(t->io, contract_path(t, "file", path, sizeof path), flags | O_CREAT, 0600,
                   NO_DEADLINE);
}

static void written_bytes_are_read_back(struct contract *t)
{
    int fd = open_new(t, O_RDWR);
    char *got = t->bulk[1];

    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_pwrite(t->io, fd, "hello world", 11, 0, NO_DEADLINE), 11);
    EXPECT_EQ(t, io_pwrite(t->io, fd, "W", 1, 6, contract_patience(t)), 1);
    EXPECT_EQ(t, io_fsync(t->io, fd, NO_DEADLINE), 0);
    EXPECT_EQ(t, io_fsync(t->io, fd, contract_patience(t)), 0);
    EXPECT_EQ(t, io_pread(t->io, fd, got, 11, 0, contract_patience(t)), 11);
    EXPECT(t, memcmp(got, "hello World", 11) == 0);
    EXPECT_EQ(t, io_pread(t->io, fd, got, 5, 6, NO_DEADLINE), 5);
    EXPECT(t, memcmp(got, "World", 5) == 0);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void reads_are_short_only_at_the_end(struct contract *t)
{
    int fd = open_new(t, O_RDWR);
    char *got = t->bulk[1];

    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_pread(t->io, fd, got, 16, 0, NO_DEADLINE), 0);
    EXPECT_EQ(t, io_pwrite_full(t->io, fd, "0123456789", 10, 0, NO_DEADLINE), 10);
    EXPECT_EQ(t, io_pread(t->io, fd, got, 16, 8, NO_DEADLINE), 2);
    EXPECT_EQ(t, io_pread(t->io, fd, got, 16, 10, NO_DEADLINE), 0);
    EXPECT_EQ(t, io_pread(t->io, fd, got, 16, 1000, NO_DEADLINE), 0);
    EXPECT_EQ(t, io_pread_full(t->io, fd, got, 16, 3, NO_DEADLINE), 7);
    EXPECT(t, memcmp(got, "3456789", 7) == 0);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void gaps_are_zero(struct contract *t)
{
    int fd = open_new(t, O_RDWR);
    char *got = t->bulk[1];

    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_pwrite(t->io, fd, "ab", 2, 0, NO_DEADLINE), 2);
    EXPECT_EQ(t, io_pwrite(t->io, fd, "cd", 2, 6, NO_DEADLINE), 2);
    EXPECT_EQ(t, io_pread_full(t->io, fd, got, 8, 0, NO_DEADLINE), 8);
    EXPECT(t, memcmp(got, "ab\0\0\0\0cd", 8) == 0);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void large_blocks_go_whole(struct contract *t)
{
    int fd = open_new(t, O_RDWR);
    size_t len = CONTRACT_BULK;

    EXPECT(t, fd >= 0);
    for (size_t i = 0; i < len; i++)
        t->bulk[0][i] = (char)(i * 2654435761U >> 24);
    EXPECT_EQ(t, io_pwrite_full(t->io, fd, t->bulk[0], len, 4096, NO_DEADLINE), len);
    EXPECT_EQ(t, io_pread_full(t->io, fd, t->bulk[1], len, 4096, NO_DEADLINE), len);
    EXPECT(t, memcmp(t->bulk[0], t->bulk[1], len) == 0);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void two_descriptors_see_one_file(struct contract *t)
{
    int a = open_new(t, O_RDWR), b = open_new(t, O_RDONLY);
    char *got = t->bulk[1];

    EXPECT(t, a >= 0 && b >= 0 && a != b);
    EXPECT_EQ(t, io_pwrite(t->io, a, "same", 4, 0, NO_DEADLINE), 4);
    EXPECT_EQ(t, io_pread(t->io, b, got, 4, 0, NO_DEADLINE), 4);
    EXPECT(t, memcmp(got, "same", 4) == 0);
    EXPECT_EQ(t, io_close(t->io, a), 0);
    EXPECT_EQ(t, io_pread(t->io, b, got, 4, 0, NO_DEADLINE), 4);
    EXPECT_EQ(t, io_close(t->io, b), 0);
}

static void open_keeps_to_its_flags(struct contract *t)
{
    char path[128], *got = t->bulk[1];
    int fd;

    contract_path(t, "flags", path, sizeof path);
    EXPECT_EQ(t, io_open(t->io, path, O_RDONLY, 0, NO_DEADLINE), -ENOENT);
    EXPECT_EQ(t, io_open(t->io, path, O_RDWR, 0, contract_patience(t)), -ENOENT);
    fd = io_open(t->io, path, O_WRONLY | O_CREAT | O_EXCL, 0600, NO_DEADLINE);
    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_pwrite(t->io, fd, "abcd", 4, 0, NO_DEADLINE), 4);
    EXPECT_EQ(t, io_pread(t->io, fd, got, 4, 0, NO_DEADLINE), -EBADF);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
    EXPECT_EQ(t, io_open(t->io, path, O_RDWR | O_CREAT | O_EXCL, 0600, NO_DEADLINE), -EEXIST);
    fd = io_open(t->io, path, O_RDONLY, 0, NO_DEADLINE);
    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_pread(t->io, fd, got, 4, 0, NO_DEADLINE), 4);
    EXPECT_EQ(t, io_pwrite(t->io, fd, "abcd", 4, 0, NO_DEADLINE), -EBADF);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
    fd = io_open(t->io, path, O_RDWR | O_TRUNC, 0, NO_DEADLINE);
    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_pread(t->io, fd, got, 4, 0, NO_DEADLINE), 0);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

/* So often that a backend may hold what it has learned of a descriptor. */
#define OFTEN 100

static void write_and_read_often(struct contract *t, int fd, char byte)
{
    char *put = t->bulk[0], *got = t->bulk[1];

    for (int i = 0; i < OFTEN; i++) {
        *put = (char)(byte + i);
        EXPECT_EQ(t, io_pwrite(t->io, fd, put, 1, 0, NO_DEADLINE), 1);
        EXPECT_EQ(t, io_pread(t->io, fd, got, 1, 0, NO_DEADLINE), 1);
        EXPECT_EQ(t, *got, *put);
    }
}

static void a_number_in_use_again_is_of_the_new_file(struct contract *t)
{
    const char *const names[] = {"first", "second", "third"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[128], *got = t->bulk[1];
        int fd;

        contract_path(t, names[i], path, sizeof path);
        fd = io_open(t->io, path, O_RDWR | O_CREAT, 0600, NO_DEADLINE);
        EXPECT(t, fd >= 0);
        EXPECT_EQ(t, io_pread(t->io, fd, got, 2, 0, NO_DEADLINE), 0); /* not one before it */
        write_and_read_often(t, fd, (char)i);
        EXPECT_EQ(t, io_close(t->io, fd), 0);
        EXPECT_EQ(t, io_pread(t->io, fd, got, 1, 0, NO_DEADLINE), -EBADF);
    }
}

static void descriptors_are_not_inherited(struct contract *t)
{
    int file = open_new(t, O_RDWR), connection = contract_connect(t, PEER_ECHO);
    int listener = contract_listen(t, 0), accepted;

    EXPECT(t, file >= 0 && connection >= 0 && listener >= 0);
    contract_call(t);
    accepted = io_accept(t->io, listener, contract_patience(t));
    EXPECT(t, accepted >= 0);
    EXPECT(t, fcntl(file, F_GETFD) & FD_CLOEXEC);
    EXPECT(t, fcntl(connection, F_GETFD) & FD_CLOEXEC);
    EXPECT(t, fcntl(accepted, F_GETFD) & FD_CLOEXEC);
    EXPECT_EQ(t, io_close(t->io, file), 0);
    EXPECT_EQ(t, io_close(t->io, connection), 0);
    EXPECT_EQ(t, io_close(t->io, accepted), 0);
    EXPECT_EQ(t, io_close(t->io, listener), 0);
}

static void misuse_is_refused(struct contract *t)
{
    int file = open_new(t, O_RDWR), connection = contract_connect(t, PEER_ECHO);
    char byte = 'x';

    EXPECT(t, file >= 0 && connection >= 0);
    EXPECT_EQ(t, io_pread(t->io, file, &byte, 1, -1, NO_DEADLINE), -EINVAL);
    EXPECT_EQ(t, io_pwrite(t->io, file, &byte, 1, -1, NO_DEADLINE), -EINVAL);
    EXPECT_EQ(t, io_pread(t->io, file, &byte, 1, 0, NO_DEADLINE), 0);
    EXPECT_EQ(t, io_pread(t->io, connection, &byte, 1, 0, NO_DEADLINE), -ESPIPE);
    EXPECT_EQ(t, io_pwrite(t->io, connection, &byte, 1, 0, NO_DEADLINE), -ESPIPE);
    EXPECT_EQ(t, io_fsync(t->io, connection, NO_DEADLINE), -EINVAL);
    EXPECT_EQ(t, io_accept(t->io, connection, NO_DEADLINE), -EINVAL);
    EXPECT_EQ(t, io_close(t->io, file), 0);
    EXPECT_EQ(t, io_close(t->io, connection), 0);
}

int main(void)
{
    const struct contract_case cases[] = {
        {"written bytes are read back", written_bytes_are_read_back, false},
        {"reads are short only at the end", reads_are_short_only_at_the_end, false},
        {"gaps are zero", gaps_are_zero, false},
        {"large blocks go whole", large_blocks_go_whole, false},
        {"two descriptors see one file", two_descriptors_see_one_file, false},
        {"open keeps to its flags", open_keeps_to_its_flags, false},
        {"a number in use again is of the new file", a_number_in_use_again_is_of_the_new_file,
         false},
        {"descriptors are not inherited", descriptors_are_not_inherited, true},
        {"misuse is refused", misuse_is_refused, false},
    };

    return contract_run("io contract: files", cases, COUNT_OF(cases));
}
