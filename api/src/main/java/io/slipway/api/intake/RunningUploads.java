package io.slipway.api.intake;

import io.slipway.api.access.Caller;
import io.slipway.api.diagnostic.RequestIds;
import io.slipway.db.access.Role;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The bodies that this service is receiving just now, so that nobody has to guess whether an upload goes on. Thread-safe. */
@Component
final class RunningUploads {
    private final Set<Upload> uploads = ConcurrentHashMap.newKeySet();
    private final AtomicLong begun = new AtomicLong();
    private final Clock clock;

    RunningUploads(Clock clock) {
        this.clock = clock;
    }

    /** One of them, until it is closed. */
    final class Upload implements AutoCloseable {
        private final long number = begun.incrementAndGet();
        private final String request;
        private final String caller;
        private final String path;
        private final @Nullable Long announced;
        private final Instant startedAt;
        private final AtomicLong received = new AtomicLong();
        private volatile @Nullable String project;
        private volatile Instant receivedAt;

        private Upload(HttpServletRequest request) {
            this.request = String.valueOf(RequestIds.of(request));
            this.caller = Caller.of(request).id();
            this.path = request.getRequestURI();
            long length = request.getContentLengthLong();
            this.announced = length < 0 ? null : (Long) length;
            this.startedAt = clock.instant();
            this.receivedAt = startedAt;
        }

        /** Says whose it is, once that is known. */
        void of(String project) {
            this.project = project;
        }

        /** Counts bytes as they came. */
        void received(long bytes) {
            received.addAndGet(bytes);
            receivedAt = clock.instant();
        }

        private boolean isFor(Caller seer) {
            String whose = project;
            return whose == null ? seer.id().equals(caller) || seer.everywhere() != null : seer.may(whose, Role.VIEWER);
        }

        private RunningUpload shown() {
            return new RunningUpload(number, request, project, path, received.get(), announced, startedAt, receivedAt);
        }

        @Override
        public void close() {
            uploads.remove(this);
        }
    }

    /** Begins to count what comes as the body of a request. */
    Upload begin(HttpServletRequest request) {
        Upload upload = new Upload(request);
        uploads.add(upload);
        return upload;
    }

    /**
     * Those that somebody may see, oldest first: of projects, what their viewers see; as long as the project is not known yet, its sender's own.
     *
     * @param project only this one's, or null
     */
    List<RunningUpload> seenBy(Caller caller, @Nullable String project) {
        return uploads.stream()
                .filter(upload -> upload.isFor(caller))
                .map(Upload::shown)
                .filter(upload -> project == null || project.equals(upload.project()))
                .sorted(RunningUpload.OLDEST_FIRST)
                .toList();
    }
}
