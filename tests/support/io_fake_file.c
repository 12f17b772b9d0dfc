#include "support/io_fake_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct fake_file {
    struct list link;
    char *path; /* NULL: has no name, and goes with the list */
    char *data;
    size_t size, capacity; /* bytes from size to capacity are not defined */
};

static struct fake_file *find(struct list *files, const char *path)
{
    for (struct list *l = files->next; l != files; l = l->next) {
        struct fake_file *f = container_of(l, struct fake_file, link);

        if (f->path != NULL && strcmp(f->path, path) == 0)
            return f;
    }
    return NULL;
}

/* path may be NULL. */
static struct fake_file *create(struct list *files, const char *path)
{
    struct fake_file *f = calloc(1, sizeof *f);

    if (f == NULL)
        return NULL;
    if (path != NULL && (f->path = strdup(path)) == NULL) {
        free(f);
        return NULL;
    }
    list_append(files, &f->link);
    return f;
}

/* What open(2) does with these flags: finds the file, makes it, empties it. */
static int find_or_create(struct list *files, const char *path, int flags, struct fake_file **out)
{
    bool unnamed = (flags & O_TMPFILE) == O_TMPFILE;
    struct fake_file *f = unnamed ? NULL : find(files, path);

    if (f != NULL && (flags & O_CREAT) && (flags & O_EXCL))
        return -EEXIST;
    if (f == NULL && !unnamed && !(flags & O_CREAT))
        return -ENOENT;
    if (f == NULL)
        f = create(files, unnamed ? NULL : path);
    if (f == NULL)
        return -ENOMEM;
    if (flags & O_TRUNC)
        f->size = 0;
    *out = f;
    return 0;
}

static ssize_t read_at(const struct fake_file *f, void *buf, size_t len, off_t offset)
{
    if (offset < 0)
        return -EINVAL;
    if ((size_t)offset >= f->size)
        return 0;
    if (len > f->size - (size_t)offset)
        len = f->size - (size_t)offset;
    if (len > 0)
        memcpy(buf, f->data + offset, len);
    return (ssize_t)len;
}

static int reserve(struct fake_file *f, size_t size)
{
    size_t capacity = f->capacity > 0 ? f->capacity : 4096;
    char *data;

    if (size <= f->capacity)
        return 0;
    if (size > SIZE_MAX / 2)
        return -EFBIG;
    while (capacity < size)
        capacity *= 2;
    data = realloc(f->data, capacity);
    if (data == NULL)
        return -ENOMEM;
    f->data = data;
    f->capacity = capacity;
    return 0;
}

/* Writing behind the end fills the gap with zeros. */
static ssize_t write_at(struct fake_file *f, const void *buf, size_t len, off_t offset)
{
    size_t start = (size_t)offset;
    int r;

    if (offset < 0)
        return -EINVAL;
    if (len == 0)
        return 0;
    r = reserve(f, start + len);
    if (r < 0)
        return r;
    if (start > f->size)
        memset(f->data + f->size, 0, start - f->size);
    memcpy(f->data + start, buf, len);
    if (start + len > f->size)
        f->size = start + len;
    return (ssize_t)len;
}

int io_fake_open(struct io *io, const char *path, int flags, mode_t mode, uint64_t deadline_ns)
{
    struct io_fake *f = io_fake_of(io);
    struct fake_file *file = NULL;
    struct io_fake_entry *e;
    int r = io_fake_begin(f, IO_OP_OPEN, deadline_ns);

    (void)mode;
    if (r == 0)
        r = find_or_create(&f->files, path, flags, &file);
    if (r == 0)
        r = io_fake_add(f, KIND_FILE, &e);
    if (r < 0)
        return r;
    e->file = file;
    e->access = flags & O_ACCMODE;
    return r;
}

/* What pread, pwrite and fsync begin with: the file behind fd, not opened as `forbidden`. */
static int begin_file(struct io_fake *f, enum io_op op, int fd, int forbidden, uint64_t deadline_ns,
                      struct fake_file **out)
{
    int r = io_fake_begin(f, op, deadline_ns);
    struct io_fake_entry *e = io_fake_find(f, fd);

    if (r < 0)
        return r;
    if (e == NULL || (e->kind == KIND_FILE && e->access == forbidden))
        return -EBADF;
    if (e->kind != KIND_FILE)
        return op == IO_OP_FSYNC ? -EINVAL : -ESPIPE;
    *out = e->file;
    return 0;
}

ssize_t io_fake_pread(struct io *io, int fd, void *buf, size_t len, off_t offset,
                      uint64_t deadline_ns)
{
    struct io_fake *f = io_fake_of(io);
    struct fake_file *file;
    int r = begin_file(f, IO_OP_PREAD, fd, O_WRONLY, deadline_ns, &file);

    return r < 0 ? r : read_at(file, buf, io_fake_limit(f, IO_OP_PREAD, len), offset);
}

ssize_t io_fake_pwrite(struct io *io, int fd, const void *buf, size_t len, off_t offset,
                       uint64_t deadline_ns)
{
    struct io_fake *f = io_fake_of(io);
    struct fake_file *file;
    int r = begin_file(f, IO_OP_PWRITE, fd, O_RDONLY, deadline_ns, &file);

    return r < 0 ? r : write_at(file, buf, io_fake_limit(f, IO_OP_PWRITE, len), offset);
}

int io_fake_fsync(struct io *io, int fd, uint64_t deadline_ns)
{
    struct fake_file *file;

    return begin_file(io_fake_of(io), IO_OP_FSYNC, fd, -1, deadline_ns, &file);
}

void io_fake_free_files(struct io_fake *f)
{
    struct list *link;

    while ((link = list_take_first(&f->files)) != NULL) {
        struct fake_file *file = container_of(link, struct fake_file, link);

        free(file->path);
        free(file->data);
        free(file);
    }
}
