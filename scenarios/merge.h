/* merge.h - bases and settings: how one tree changes another.
 *
 * `base: other.yaml` at the top of a file says that the file tells only what differs:
 * - mappings merge, key by key;
 * - lists whose items all have a `name` (or an `id`) merge, item by item; new items come last;
 * - everything else, other lists included, replaces what the base has; `null` brings back the default;
 * - `remove: [names]` beside `base` deletes from the base, before anything is merged. A name is a key
 *   (`quotas`), an item of one of the named lists (`callers`), or a path to either (`pools.tts.timeout`). In a
 *   mapping deeper down `remove` does the same there, and `pools: {remove: [old]}` takes items from the list.
 *
 * A setting `PATH=VALUE` replaces one value. PATH is keys joined by dots; items of lists go by name or by index
 * from 0: `pools.tts.max_inputs=20`, `workloads.0.arrivals.rate=15 req/s`. VALUE is YAML.
 */
#ifndef SCENARIOS_MERGE_H
#define SCENARIOS_MERGE_H

#include "scenarios/diagnostic.h"
#include "scenarios/node.h"

/* Files that may stand on each other's shoulders. */
#define MERGE_BASES_MAX 16

/* Reads `path` and all its bases. Relative paths of bases are relative to the file that names them. The keys `base`
 * and `remove` are gone from the result. NULL when nothing is left to go on with; the problems say why. `from` is
 * where the path was found, for the case that it cannot be read.
 */
struct node *merge_read(const char *path, struct place from, struct diagnostic_list *problems);

/* Applies one setting to the tree. A missing key is created, in mappings that are created too if need be: whether
 * there is such a key is found out by binding. A list item that is not there, or a part below a plain value, is a
 * problem. Problems name the place in the setting, as a text called "--set".
 */
void merge_set(struct node *root, const char *setting, struct diagnostic_list *problems);

/* The same for a setting that stands in a file: `name` is what problems call it, and paths are relative to its folder.
 */
void merge_set_from(struct node *root, const char *setting, const char *name, struct diagnostic_list *problems);

#endif
