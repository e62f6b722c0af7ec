#include <stdio.h>
#include <unistd.h>

int main(void) {
    printf("Hello from a static binary, running as user %d in an image of one file.\n", (int)getuid());
    return 0;
}
