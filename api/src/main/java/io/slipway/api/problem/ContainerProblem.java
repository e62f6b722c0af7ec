package io.slipway.api.problem;

/**
 * What is said of a request that the servlet container has refused by itself, with nothing but a status.
 *
 * @param type the kind of problem
 * @param detail a sentence for people
 */
record ContainerProblem(ProblemType type, String detail) {
    /** That of a status. Some faults of requests have status codes from 500 on: what the container's HTTP does not have is 501 and 505 (RFC 9110, section 15.6). */
    static ContainerProblem of(int status) {
        return switch (status) {
            case 404 -> new ContainerProblem(ProblemType.NOT_FOUND, "There is nothing at this address.");
            case 405 -> new ContainerProblem(ProblemType.METHOD_NOT_ALLOWED, "The address does not have this method.");
            case 408 ->
                new ContainerProblem(
                        ProblemType.REQUEST_INVALID, "Nothing more of the request has come for too long a time.");
            case 413 -> new ContainerProblem(ProblemType.CONTENT_TOO_LARGE, "The body is too large.");
            case 417 ->
                new ContainerProblem(ProblemType.REQUEST_INVALID, "The header Expect may only say 100-continue.");
            case 501 ->
                new ContainerProblem(
                        ProblemType.REQUEST_INVALID,
                        "The method or the Transfer-Encoding is none that the service knows.");
            case 505 -> new ContainerProblem(ProblemType.REQUEST_INVALID, "The service speaks HTTP/1.1.");
            default ->
                status < 500
                        ? new ContainerProblem(
                                ProblemType.REQUEST_INVALID,
                                "The request can't be read: its first line or a header is not of its form, has characters that must be percent-encoded, or is too long.")
                        : new ContainerProblem(ProblemType.INTERNAL, "The request could not be answered.");
        };
    }
}
