#include "page/page.h"

#include "base/html.h"
#include "cli/data_dir.h"
#include "result/result.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define RGB_UNKNOWN 0x777777
#define PALEST      0.85 /* share of white in a model's colour; more looks alike */

/* Take the colours from plots/style.gp, where all colours are: its line of a model says
 * "model eq 'tasks' ? 0x009e73". */
static void take_colours(struct page_models *models)
{
    char path[PATH_MAX], line[256], name[64];
    unsigned rgb;
    FILE *in;

    if (data_dir_find("plots/style.gp", path, sizeof path) == NULL)
        return;
    in = fopen(path, "re");
    while (in != NULL && fgets(line, sizeof line, in) != NULL)
        if (sscanf(line, " model eq '%63[^']' ? 0x%6x", name, &rgb) == 2)
            for (size_t i = 0; i < models->count; i++)
                if (strcmp(models->names[i], name) == 0)
                    models->rgb[i] = rgb;
    if (in != NULL)
        fclose(in);
}

size_t page_models_find(const struct page_models *models, const char *name)
{
    size_t i = 0;

    while (i + 1 < models->count && strcmp(models->names[i], name) != 0)
        i++;
    return i;
}

void page_models_init(struct page_models *models, const json_t *document)
{
    const json_t *cell;
    size_t i;

    models->count = 0;
    json_array_foreach(json_object_get(document, "cells"), i, cell)
    {
        const char *name = result_string(cell, "model");
        size_t at = page_models_find(models, name);

        if ((models->count > 0 && strcmp(models->names[at], name) == 0) ||
            models->count == PAGE_MODELS_MAX)
            continue;
        models->names[models->count] = name;
        models->rgb[models->count++] = RGB_UNKNOWN;
    }
    take_colours(models);
}

/* Is the colour the model's own, or mixed with white as pale() of plots/style.gp does? A grey one
 * is never mixed, since inks are grey too. */
static bool is_shade(unsigned rgb, const int colour[3])
{
    const int own[] = {(int)(rgb >> 16), (int)(rgb >> 8 & 255), (int)(rgb & 255)};
    bool grey = own[0] == own[1] && own[1] == own[2];
    int darkest = own[0] < own[1] ? 0 : 1;
    double share;

    darkest = own[2] < own[darkest] ? 2 : darkest;
    share = (colour[darkest] - own[darkest]) / (255.0 - own[darkest]);
    if (share < 0 || share > (grey ? 0 : PALEST))
        return false;
    for (size_t i = 0; i < 3; i++)
        if (fabs(own[i] + share * (255 - own[i]) - colour[i]) > 1.5)
            return false;
    return true;
}

size_t page_models_drawn(const struct page_models *models, const char *colour)
{
    size_t i = 0;
    int rgb[3];

    if (sscanf(colour, "rgb(%d,%d,%d", &rgb[0], &rgb[1], &rgb[2]) != 3)
        return models->count;
    while (i < models->count && !is_shade(models->rgb[i], rgb))
        i++;
    return i;
}

void page_models_style(const struct page_models *models, FILE *out)
{
    for (size_t i = 0; i < models->count; i++)
        fprintf(out,
                ".m%zu { --model: #%06x; }\n"
                "body:has(#show-m%zu:not(:checked)) .m%zu { display: none; }\n",
                i, models->rgb[i], i, i);
}

void page_models_controls(const struct page_models *models, FILE *out)
{
    fputs("<form class=\"controls\" autocomplete=\"off\">\n<fieldset><legend>Show in "
          "charts</legend>\n",
          out);
    for (size_t i = 0; i < models->count; i++) {
        fprintf(out, "<label class=\"m m%zu\"><input type=\"checkbox\" id=\"show-m%zu\" checked> ",
                i, i);
        html_text(models->names[i], out);
        fputs("</label>\n", out);
    }
    fputs("</fieldset>\n<fieldset><legend>Axes</legend>\n"
          "<label><input type=\"radio\" name=\"scale\" id=\"scale-log\" checked> "
          "logarithmic</label>\n"
          "<label><input type=\"radio\" name=\"scale\" id=\"scale-linear\"> linear, from "
          "zero</label>\n"
          "</fieldset>\n</form>\n"
          "<p class=\"item lacks old\">This browser lacks :has() in styles, which switches for "
          "models "
          "and axes need.</p>\n",
          out);
}
