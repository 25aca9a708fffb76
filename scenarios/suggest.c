/* suggest.c - edit distance. */
#include "scenarios/suggest.h"

#include <stdint.h>
#include <string.h>

#define WORD_SIZE_MAX 64

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t suggest_distance(const char *left, const char *right)
{
    size_t rows = strlen(left), columns = strlen(right);
    if (rows >= WORD_SIZE_MAX || columns >= WORD_SIZE_MAX)
        return rows > columns ? rows : columns;
    size_t distance[WORD_SIZE_MAX][WORD_SIZE_MAX];
    for (size_t i = 0; i <= rows; i++)
        distance[i][0] = i;
    for (size_t j = 0; j <= columns; j++)
        distance[0][j] = j;
    for (size_t i = 1; i <= rows; i++) {
        for (size_t j = 1; j <= columns; j++) {
            size_t change = left[i - 1] != right[j - 1];
            size_t best = least(distance[i - 1][j] + 1, distance[i][j - 1] + 1);
            best = least(best, distance[i - 1][j - 1] + change);
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                best = least(best, distance[i - 2][j - 2] + 1);
            distance[i][j] = best;
        }
    }
    return distance[rows][columns];
}

struct suggestion suggest_begin(const char *word)
{
    return (struct suggestion){.word = word, .nearest = NULL, .distance = SIZE_MAX};
}

void suggest_offer(struct suggestion *suggestion, const char *name)
{
    size_t allowed = strlen(suggestion->word) / 3;
    size_t distance = suggest_distance(suggestion->word, name);
    if (distance > (allowed > 0 ? allowed : 1) || distance >= suggestion->distance)
        return;
    suggestion->nearest = name;
    suggestion->distance = distance;
}
