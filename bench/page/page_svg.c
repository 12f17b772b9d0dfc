#include "page/page.h"

#include "base/html.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* What charts and flame graphs consist of. */
static const char *const elements[] = {
    "svg",      "g",    "defs", "title", "desc",   "path",    "rect",        "circle",  "use",
    "polyline", "line", "text", "tspan", "filter", "feFlood", "feComposite", "polygon", "style",
};

/* What the values of their attributes call: "translate(1,2)". */
static const char *const functions[] = {"rgb", "translate", "rotate", "scale", "matrix"};

#define BLANKS     " \t\r\n"
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_"
#define DEPTH_MOST 64 /* elements within each other */

struct element {
    const char *name; /* in the picture's text */
    size_t length;
};

/* A copy under way. */
struct copy {
    const char *at; /* what follows */
    const char *name, *label;
    const struct page_models *models; /* NULL: none */
    size_t model;                     /* that the element at hand is drawn in the colour of */
    bool group; /* that element is one; what it holds has colours of its own */
    FILE *out;
    struct element open[DEPTH_MOST]; /* the elements that have not ended, outermost first */
    size_t depth;                    /* so many */
    bool began;                      /* the outermost one is written */
    bool own;                        /* a title here would be that of the whole picture */
    bool silent;                     /* within an element that is left out */
};

static bool is(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

static bool is_known(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (is(text, length, elements[i]))
            return true;
    return false;
}

static bool holds(const char *text, size_t length, const char *word)
{
    return memmem(text, length, word, strlen(word)) != NULL;
}

/* A page's names of attributes are the same in capitals and in small letters. */
static bool is_attribute(const char *text, size_t length, const char *name)
{
    return strlen(name) == length && strncasecmp(text, name, length) == 0;
}

static bool is_link(const char *attribute, size_t length)
{
    return length >= 4 && is_attribute(attribute + length - 4, 4, "href");
}

/* Does it call what no chart calls, as url(), however that is spelled? */
static bool calls_others(const char *value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        size_t begin = i, f = 0;

        if (value[i] != '(')
            continue;
        while (begin > 0 && isalpha((unsigned char)value[begin - 1]))
            begin--;
        while (f < sizeof functions / sizeof *functions &&
               !is(value + begin, i - begin, functions[f]))
            f++;
        if (f == sizeof functions / sizeof *functions)
            return true;
    }
    return false;
}

/* One that could load something, or run. "&" would let it spell each character in another way. */
static bool is_active(const char *attribute, size_t length, const char *value, size_t size)
{
    return strncasecmp(attribute, "on", 2) == 0 || is_attribute(attribute, length, "style") ||
           (is_link(attribute, length) && *value != '#') || calls_others(value, size) ||
           holds(value, size, "<") || holds(value, size, "&");
}

/* Copy text as it stands, without what no text of a page has. */
static void put(struct copy *c, const char *text, size_t size)
{
    for (size_t i = 0; i < size && !c->silent; i++)
        if (!iscntrl((unsigned char)text[i]) || text[i] == '\n')
            fputc(text[i], c->out);
}

/* The colour is one of the element at hand. */
static void find_model(struct copy *c, const char *value, size_t size)
{
    char colour[32];
    size_t model;

    if (c->models == NULL || size >= sizeof colour)
        return;
    snprintf(colour, sizeof colour, "%.*s", (int)size, value);
    model = page_models_drawn(c->models, colour);
    c->model = model < c->models->count ? model : c->model;
}

/* Copy what may stay of an attribute. */
static void put_attribute(struct copy *c, const char *attribute, size_t length, const char *value,
                          size_t size)
{
    bool link = is_link(attribute, length), id = is_attribute(attribute, length, "id");
    bool of_picture = is(attribute, length, "viewBox") || strncmp(attribute, "font", 4) == 0;

    if (strncmp(attribute, "xml", 3) == 0 || (!c->began && !of_picture))
        return;
    if (is(attribute, length, "fill") ||
        (!c->group && (is(attribute, length, "stroke") || is(attribute, length, "color"))))
        find_model(c, value, size);
    put(c, " ", 1);
    put(c, attribute, length);
    put(c, "=", 1);
    put(c, &value[-1], 1);
    if (link || id) {
        put(c, "#", link);
        put(c, c->name, strlen(c->name));
        put(c, "-", 1);
    }
    put(c, value + link, size - link);
    put(c, &value[-1], 1);
}

/* Copy the attributes of a tag up to its end. False when they are not as they should be. */
static bool put_attributes(struct copy *c)
{
    for (;;) {
        const char *attribute = c->at + strspn(c->at, BLANKS), *value, *end;
        size_t length = strspn(attribute, NAME_CHARS);

        c->at = attribute;
        if (length == 0)
            return true;
        value = attribute + length + strspn(attribute + length, BLANKS "=");
        if (*value != '"' && *value != '\'')
            return false;
        value++;
        end = strchr(value, value[-1]);
        if (end == NULL || is_active(attribute, length, value, (size_t)(end - value)))
            return false;
        put_attribute(c, attribute, length, value, (size_t)(end - value));
        c->at = end + 1;
    }
}

/* End a tag; false when it does not end here. */
static bool end_tag(struct copy *c)
{
    bool empty = *c->at == '/';

    c->at += empty;
    if (*c->at != '>')
        return false;
    c->at++;
    if (!c->began) {
        fputs(" role=\"img\" aria-label=\"", c->out);
        html_text(c->label, c->out);
        fputc('"', c->out);
        c->began = true;
    }
    if (c->models != NULL && c->model < c->models->count && !c->silent)
        fprintf(c->out, " class=\"m%zu\"", c->model);
    put(c, "/", empty);
    put(c, ">", 1);
    return true;
}

/* May this tag stand here? Elements end in their order, and texts hold no elements: else a browser,
 * which reads the picture as HTML, would end it earlier or later than this copy, and what follows
 * in the page would be lost in it. */
static bool fits(const struct copy *c, const char *name, size_t length, bool ends)
{
    static const char *const texts[] = {"title", "desc", "style"};
    const struct element *last;

    if (!c->began)
        return !ends && is(name, length, "svg");
    if (c->depth == 0)
        return false;
    last = &c->open[c->depth - 1];
    if (ends)
        return last->length == length && memcmp(last->name, name, length) == 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (is(last->name, last->length, texts[i]))
            return false;
    return c->depth < DEPTH_MOST && is_known(name, length);
}

/* Copy a tag, without styles, descriptions and the picture's title. False when no chart has it
 * there. */
static bool put_tag(struct copy *c)
{
    bool ends = c->at[1] == '/', left_out, over;
    const char *name = c->at + 1 + ends;
    size_t length = strspn(name, NAME_CHARS);

    if (!fits(c, name, length, ends))
        return false;
    left_out = is(name, length, "desc") || is(name, length, "style") ||
               (is(name, length, "title") && (ends ? c->silent : c->own));
    c->depth -= ends;
    c->own = !c->began;
    c->silent = c->silent || left_out;
    c->model = SIZE_MAX;
    c->group = is(name, length, "g");
    put(c, ends ? "</" : "<", ends ? 2 : 1);
    put(c, name, length);
    c->at = name + length;
    if (!put_attributes(c))
        return false;
    over = ends || *c->at == '/';
    if (!end_tag(c))
        return false;
    if (!over)
        c->open[c->depth++] = (struct element){name, length};
    c->silent = c->silent && !(left_out && over);
    return true;
}

/* Skip what stands before the picture: <?xml ...?>, a comment, <!DOCTYPE ...>. */
static bool skip_prolog(struct copy *c)
{
    const char *end = strstr(c->at, strncmp(c->at, "<!--", 4) == 0 ? "-->" : ">");

    if (end == NULL)
        return false;
    c->at = end + (*end == '>' ? 1 : 3);
    return true;
}

int page_svg_copy(const char *svg, const char *name, const char *label,
                  const struct page_models *models, FILE *out, struct err *err)
{
    struct copy c = {.at = svg, .name = name, .label = label, .models = models, .out = out};

    while (*c.at != '\0') {
        size_t length = strcspn(c.at, "<");
        const char *tag = c.at + length;
        bool good = true;

        if (c.began)
            put(&c, c.at, length);
        c.at = tag;
        if (*tag != '\0')
            good = !c.began && strchr("?!", tag[1]) != NULL ? skip_prolog(&c) : put_tag(&c);
        if (!good)
            return err_set(err, -EINVAL, "it holds \"%.*s\", which no chart of tva has",
                           (int)strcspn(tag, BLANKS ">"), tag);
    }
    return c.began && c.depth == 0 ? 0 : err_set(err, -EINVAL, "it is no whole SVG");
}
