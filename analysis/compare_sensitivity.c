/* compare_sensitivity.c - all items under one reading after the other. */
#include "analysis/compare_sensitivity.h"

#include <stdio.h>
#include <string.h>

#include "analysis/json_part.h"
#include "analysis/progress.h"
#include "analysis/sensitivity_json.h"
#include "sim/memory.h"

enum sim_status compare_sensitivity_check(const struct compare *compare, struct sim_error *error)
{
    for (size_t i = 0; i < compare->count; i++)
        if (compare->items[i].trace)
            return sim_error_set(error, SIM_BAD_INPUT, compare->items[i].path, 0,
                                 "is a finished run: --sensitivity has to run again, and needs the scenario");
    return SIM_OK;
}

/* ---- What is run ---- */

struct working {
    const struct compare_sensitivity_request *request;
    struct compare_sensitivity *sensitivity;
};

/* The window of an item whose warm-up was found: the same under every reading. */
static const char *window_of(const struct compare_sensitivity *sensitivity, size_t item)
{
    char text[64];
    const struct world_config *config = &sensitivity->compare->items[item].scenario->config;
    snprintf(text, sizeof text, "warm_up=%lld ns", (long long)config->warm_up_ns);
    return sim_arena_text(sensitivity->arena, text);
}

/* How the item was loaded. */
static struct sensitivity_subject subject_of(const struct compare_sensitivity *sensitivity, size_t item,
                                             const struct scenario_settings *settings)
{
    const struct compare *compare = sensitivity->compare;
    const struct compare_item *own = &compare->items[item];
    struct sensitivity_subject subject = {.path = own->path, .settings = *settings};
    if (own->point)
        subject = (struct sensitivity_subject){
            .path = compare->points.path,
            .settings = {.settings = compare->points.settings, .setting_count = compare->points.setting_count}};
    size_t count = own->point ? compare->points.vary.count : 0;
    const char **varied = sim_arena_allocate(sensitivity->arena, count + 1, sizeof *varied);
    for (size_t i = 0; i < count; i++)
        varied[i] = own->point->values[i].setting;
    if (compare->warm_up_ns >= 0)
        varied[count++] = window_of(sensitivity, item);
    subject.settings.varied = varied;
    subject.settings.varied_count = count;
    return subject;
}

/* The item under the reading: `sample` if it had to be run, else the item itself. */
static enum sim_status figures_of(const struct working *working, const struct compare_reading *reading, size_t item,
                                  unsigned jobs, struct sensitivity_sample *sample, struct figure_list **figures,
                                  struct sim_error *error)
{
    struct compare_sensitivity *sensitivity = working->sensitivity;
    const struct sensitivity_reading *own = sensitivity_list_find(&sensitivity->lists[item], reading->reading->name);
    *sample = (struct sensitivity_sample){0};
    *figures = own ? &sample->figures : &sensitivity->compare->items[item].figures;
    if (!own)
        return SIM_OK;
    return sensitivity_sample_run(sample, &sensitivity->subjects[item], &own, 1, jobs, working->request->stop, error);
}

static void note_changes(struct compare_sensitivity *sensitivity, struct figure_list *first, struct figure_list *other,
                         size_t item, struct sensitivity_change *changes)
{
    bool may_pair = item == 0 || sensitivity->compare->items[item].is_paired;
    for (size_t i = 0; i < SENSITIVITY_FIGURES; i++)
        if (sensitivity->metrics[i])
            changes[item * SENSITIVITY_FIGURES + i] =
                sensitivity_sample_change(first, other, sensitivity->metrics[i], may_pair);
}

static enum sim_status do_reading(void *context, size_t index, unsigned jobs, struct sim_error *error)
{
    const struct working *working = context;
    struct compare_sensitivity *sensitivity = working->sensitivity;
    struct compare_reading *reading = &sensitivity->readings[index];
    struct sensitivity_sample first;
    struct figure_list *from;
    enum sim_status status = figures_of(working, reading, 0, jobs, &first, &from, error);
    for (size_t i = 1; i < sensitivity->compare->count && status == SIM_OK; i++) {
        struct sensitivity_sample other;
        struct figure_list *to;
        status = figures_of(working, reading, i, jobs, &other, &to, error);
        if (status == SIM_OK)
            note_changes(sensitivity, from, to, i, reading->changes);
        sensitivity_sample_release(&other);
    }
    sensitivity_sample_release(&first);
    reading->is_done = status == SIM_OK;
    return status;
}

/* ---- All of it ---- */

static bool is_listed(const struct compare_sensitivity *sensitivity, const char *name)
{
    for (size_t i = 0; i < sensitivity->count; i++)
        if (strcmp(sensitivity->readings[i].reading->name, name) == 0)
            return true;
    return false;
}

static struct sensitivity_change *make_changes(const struct compare_sensitivity *sensitivity)
{
    return sim_arena_allocate(sensitivity->arena, sensitivity->compare->count * SENSITIVITY_FIGURES,
                              sizeof(struct sensitivity_change));
}

/* Those of the first item, and what others have beside them. */
static void list_readings(struct compare_sensitivity *sensitivity)
{
    const struct compare *compare = sensitivity->compare;
    size_t most = 0;
    sensitivity->lists = sim_arena_allocate(sensitivity->arena, compare->count, sizeof *sensitivity->lists);
    for (size_t i = 0; i < compare->count; i++) {
        sensitivity_list_create(&sensitivity->lists[i], &compare->items[i].scenario->config);
        most += sensitivity->lists[i].count;
    }
    sensitivity->readings = sim_arena_allocate(sensitivity->arena, most, sizeof *sensitivity->readings);
    for (size_t i = 0; i < compare->count; i++)
        for (size_t k = 0; k < sensitivity->lists[i].count; k++) {
            const struct sensitivity_reading *reading = &sensitivity->lists[i].items[k];
            if (!is_listed(sensitivity, reading->name))
                sensitivity->readings[sensitivity->count++] =
                    (struct compare_reading){.reading = reading, .changes = make_changes(sensitivity)};
        }
}

enum sim_status compare_sensitivity_create(struct compare_sensitivity *sensitivity, struct compare *compare,
                                           const struct compare_sensitivity_request *request, struct sim_error *error)
{
    *sensitivity = (struct compare_sensitivity){.compare = compare, .arena = sim_arena_create()};
    list_readings(sensitivity);
    sensitivity_sample_metrics(compare->items[0].summary, sensitivity->metrics);
    sensitivity->changes = make_changes(sensitivity);
    sensitivity->subjects = sim_arena_allocate(sensitivity->arena, compare->count, sizeof *sensitivity->subjects);
    for (size_t i = 0; i < compare->count; i++) {
        sensitivity->subjects[i] = subject_of(sensitivity, i, &request->settings);
        note_changes(sensitivity, &compare->items[0].figures, &compare->items[i].figures, i, sensitivity->changes);
    }
    struct working working = {request, sensitivity};
    struct progress_count progress = progress_count_begin("readings", sensitivity->count, request->is_quiet);
    const struct points_work work = {.count = sensitivity->count,
                                     .jobs = request->jobs,
                                     .stop = request->stop,
                                     .context = &working,
                                     .each = do_reading,
                                     .progress = &progress};
    enum sim_status status = points_do(&work, error);
    sensitivity->is_whole = status == SIM_OK;
    return status == SIM_INTERRUPTED ? SIM_OK : status;
}

void compare_sensitivity_release(struct compare_sensitivity *sensitivity)
{
    for (size_t i = 0; sensitivity->lists && i < sensitivity->compare->count; i++)
        sensitivity_list_release(&sensitivity->lists[i]);
    sim_arena_destroy(sensitivity->arena);
    *sensitivity = (struct compare_sensitivity){0};
}

const struct sensitivity_change *compare_sensitivity_change(const struct compare_sensitivity *sensitivity,
                                                            size_t reading, size_t item, size_t figure)
{
    const struct sensitivity_change *changes =
        reading < sensitivity->count ? sensitivity->readings[reading].changes : sensitivity->changes;
    return &changes[item * SENSITIVITY_FIGURES + figure];
}

/* ---- For programs ---- */

static json_t *differences_array(const struct compare_sensitivity *sensitivity, size_t reading)
{
    json_t *array = json_array();
    for (size_t item = 1; item < sensitivity->compare->count; item++)
        for (size_t i = 0; i < SENSITIVITY_FIGURES; i++) {
            if (!sensitivity->metrics[i])
                continue;
            json_t *object = sensitivity_json_change(sensitivity->metrics[i],
                                                     compare_sensitivity_change(sensitivity, reading, item, i));
            json_part_set(object, "a", json_part_text(sensitivity->compare->items[0].name));
            json_part_set(object, "b", json_part_text(sensitivity->compare->items[item].name));
            json_part_append(array, object);
        }
    return array;
}

json_t *compare_sensitivity_json(const struct compare_sensitivity *sensitivity)
{
    json_t *array = json_array();
    for (size_t i = 0; i < sensitivity->count; i++) {
        if (!sensitivity->readings[i].is_done)
            continue;
        json_t *object = json_object();
        json_t *readings = json_array();
        json_part_append(readings, sensitivity_json_reading(sensitivity->readings[i].reading));
        json_part_set(object, "kind", json_part_text("one"));
        json_part_set(object, "readings", readings);
        json_part_set(object, "differences", differences_array(sensitivity, i));
        json_part_append(array, object);
    }
    return array;
}
