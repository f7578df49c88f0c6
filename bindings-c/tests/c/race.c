/* A race on purpose: shows that the thread sanitizer sees one where there is one. */
#include <pthread.h>

static int shared;

static void *work(void *nothing)
{
    for (int n = 0; n < 1000; n++) shared++;
    return nothing;
}

int main(void)
{
    pthread_t threads[2];
    for (int n = 0; n < 2; n++) pthread_create(&threads[n], 0, work, 0);
    for (int n = 0; n < 2; n++) pthread_join(threads[n], 0);
    return 0;
}
