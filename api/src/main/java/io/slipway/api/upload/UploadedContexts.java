package io.slipway.api.upload;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.schedule.PeriodicTask;
import io.slipway.image.Digest;
import io.slipway.image.context.ContentId;
import io.slipway.image.context.ContextLimits;
import io.slipway.image.context.ContextManifest;
import io.slipway.image.context.ContextSummary;
import io.slipway.protocol.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/**
 * Contexts that are sent as manifests, and their contents, in {@code $SLIPWAY_HOME/uploads}. A project's contents are its own:
 * what is missing of a context never depends on what another project has sent. Thread-safe.
 */
@Component
public final class UploadedContexts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UploadedContexts.class);
    private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int ID_DIGITS = 26;
    private static final Pattern ID = Pattern.compile("ctx_[" + DIGITS + "]{" + ID_DIGITS + "}");
    private static final RandomGenerator RANDOM = new SecureRandom();

    /** Another value after each boot of the kernel (random(4)). */
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final Path manifests;
    private final Path contents;
    private final ContextLimits limits;
    private final UploadProperties settings;
    private final UploadQuota quota;
    private final Clock clock;
    private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
    private final Map<String, ProjectContents> projects = new ConcurrentHashMap<>();
    private final PeriodicTask sweeps;

    private record Upload(String id, String project, Path manifest, long bytes) {}

    UploadedContexts(SlipwayProperties properties, UploadProperties settings, Clock clock) throws IOException {
        Path home = properties.home().resolve("uploads");
        this.manifests = Files.createDirectories(home.resolve("manifests"));
        this.contents = home.resolve("contents");
        this.limits = ContextLimits.ofBytes(properties.limits().contextSize().toBytes())
                .leaving(properties.limits().freeSpace().toBytes());
        this.settings = settings;
        this.quota = new UploadQuota(settings.projectQuota().toBytes());
        this.clock = clock;
        forgetAfterBoot(home.resolve("boot-id"));
        Files.createDirectories(contents);
        load();
        long pause = Math.min(settings.expiry().toMillis(), LONGEST_PAUSE.toMillis()) / 2 + 1;
        this.sweeps = PeriodicTask.every(Duration.ofMillis(pause), "uploads-sweep", this::sweep);
    }

    /**
     * Contents are not forced to the disk: waiting for it would be the larger part of a small upload. What a power failure may have
     * torn is told by its time, before the last boot, and comes again from whoever needs it.
     */
    private void forgetAfterBoot(Path file) throws IOException {
        String boot = Files.isReadable(BOOT) ? Files.readString(BOOT) : "";
        String written = Files.exists(file) ? Files.readString(file) : "";
        if (!boot.equals(written)) {
            FileSystemUtils.deleteRecursively(contents);
            FileSystemUtils.deleteRecursively(manifests);
            Files.createDirectories(manifests);
            Files.writeString(file, boot);
        }
    }

    private void load() throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(manifests)) {
            for (Path folder : folders) {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                    for (Path file : files) {
                        String id = file.getFileName().toString();
                        if (isId(id)) {
                            uploads.put(id, new Upload(id, folder.getFileName().toString(), file, Files.size(file)));
                        } else {
                            Files.delete(file);
                        }
                    }
                }
            }
        }
    }

    /** Whether a text has the form of a context's id. */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /**
     * Keeps a manifest, and tells what is missing.
     *
     * @param digest SHA-256 of the manifest as it came
     * @throws ProblemException {@link ProblemType#CONTEXT_OVER_QUOTA}
     */
    public UploadedContext create(String project, ContextManifest.Writer manifest, Digest digest) throws IOException {
        StringBuilder id = new StringBuilder("ctx_");
        for (int i = 0; i < ID_DIGITS; i++) {
            id.append(DIGITS.charAt(RANDOM.nextInt(DIGITS.length())));
        }
        Path folder = Files.createDirectories(manifests.resolve(project));
        Path file = folder.resolve(id + ".new");
        boolean kept = false;
        try {
            manifest.write(file, digest);
            Upload upload = new Upload(id.toString(), project, folder.resolve(id.toString()), Files.size(file));
            ProjectContents its = contents(project);
            // Before it can be found: of a manifest that is refused nothing stays.
            Map<ContentId, Long> named = ProjectContents.named(file);
            quota.require(upload.bytes(), named);
            Map<ContentId, Long> missing = its.missing(file, clock.instant());
            makeRoom(upload, named, 0);
            Files.move(file, upload.manifest());
            uploads.put(upload.id(), upload);
            kept = true;
            return resource(upload, missing);
        } finally {
            if (!kept) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void makeRoom(Upload upload, Map<ContentId, Long> named, long incoming) throws IOException {
        quota.makeRoom(
                contents(upload.project()),
                removable(upload.project(), upload),
                upload.bytes(),
                named,
                incoming,
                clock.instant());
    }

    /** The manifests of a project, but one. */
    private List<UploadQuota.Removable> removable(String project, @Nullable Upload but) throws IOException {
        List<UploadQuota.Removable> removable = new ArrayList<>();
        for (Upload upload : uploads.values()) {
            if (upload.project().equals(project) && !upload.equals(but)) {
                removable.add(new UploadQuota.Removable(upload.bytes(), usedAt(upload), () -> forget(upload)));
            }
        }
        return removable;
    }

    private void forget(Upload upload) throws IOException {
        uploads.remove(upload.id());
        Files.deleteIfExists(upload.manifest());
    }

    /**
     * A context.
     *
     * @param may whether the caller may see a project
     * @throws ProblemException {@link ProblemType#CONTEXT_NOT_FOUND} if there is none, or not for the caller
     */
    public UploadedContext show(String id, Predicate<String> may) throws IOException {
        Upload upload = found(id, may);
        return resource(upload, contents(upload.project()).missing(upload.manifest(), use(upload)));
    }

    /**
     * Receives contents that it lacks. What came whole is kept, also if the rest does not come.
     *
     * @param body a tar of files named by their SHA-256, plain or compressed
     * @throws ProblemException {@link ProblemType#CONTEXT_NOT_FOUND}, {@link ProblemType#CONTEXT_OVER_QUOTA}
     * @throws io.slipway.image.context.ContextException if something else comes
     */
    public UploadedContext receive(String id, Predicate<String> may, InputStream body) throws IOException {
        Upload upload = found(id, may);
        ProjectContents project = contents(upload.project());
        Map<ContentId, Long> named = ProjectContents.named(upload.manifest());
        quota.require(upload.bytes(), named);
        long incoming = project.missing(upload.manifest(), use(upload)).values().stream()
                .mapToLong(ProjectContents::onDisk)
                .sum();
        makeRoom(upload, named, incoming);
        try {
            project.receive(body, named, limits, use(upload));
        } finally {
            makeRoom(upload, named, 0);
        }
        return resource(upload, project.missing(upload.manifest(), use(upload)));
    }

    /** Whose a context is. */
    public String project(String id, Predicate<String> may) throws IOException {
        return found(id, may).project();
    }

    /** Forgets a context; its contents stay as long as contents do. */
    public void delete(String id, Predicate<String> may) throws IOException {
        forget(found(id, may));
    }

    /**
     * Makes the context that a build reads.
     *
     * @param tarFile what takes the place of its tar; must not exist
     * @throws ProblemException if there is no such context in the project, or something of it is missing
     */
    public void place(String id, String project, Path tarFile) throws IOException {
        Upload upload = uploads.get(id);
        if (upload == null || !upload.project().equals(project) || isExpired(upload)) {
            throw new ProblemException(
                            ProblemType.CONTEXT_UNREACHABLE,
                            "There is no context " + shown(id) + " in the project " + project + ".")
                    .with("code", ErrorCode.CONTEXT_UNREACHABLE.wireName())
                    .with("hint", "it may have expired: send its manifest again to /v1/contexts");
        }
        Map<ContentId, Long> missing = contents(project).place(upload.manifest(), tarFile, use(upload));
        if (!missing.isEmpty()) {
            throw new ProblemException(
                            ProblemType.CONTEXT_INCOMPLETE,
                            "The context " + id + " lacks " + missing.size() + " contents, " + sum(missing) + " bytes.")
                    .with("missingFiles", missing.size())
                    .with("missingBytes", sum(missing))
                    .with("hint", "GET /v1/contexts/" + id + " lists them; send them to /v1/contexts/" + id + "/files");
        }
    }

    private static String shown(String id) {
        return id.length() > 100 ? id.substring(0, 100) + "…" : id;
    }

    private static long sum(Map<ContentId, Long> contents) {
        return contents.values().stream().mapToLong(Long::longValue).sum();
    }

    private Upload found(String id, Predicate<String> may) throws IOException {
        Upload upload = uploads.get(id);
        if (upload == null || !may.test(upload.project()) || isExpired(upload)) {
            throw notFound(id);
        }
        return upload;
    }

    private static ProblemException notFound(String id) {
        return new ProblemException(ProblemType.CONTEXT_NOT_FOUND, "There is no context `" + shown(id) + "`.")
                .with("hint", "it may have expired: send its manifest again to /v1/contexts");
    }

    private boolean isExpired(Upload upload) throws IOException {
        return usedAt(upload).plus(settings.expiry()).isBefore(clock.instant());
    }

    /** The time of a manifest's file is that of its last use, so that it outlives a restart. */
    private static Instant usedAt(Upload upload) throws IOException {
        try {
            return Files.getLastModifiedTime(upload.manifest()).toInstant();
        } catch (NoSuchFileException e) {
            return Instant.EPOCH; // deleted just now
        }
    }

    private Instant use(Upload upload) throws IOException {
        Instant now = clock.instant();
        try {
            Files.setLastModifiedTime(upload.manifest(), FileTime.from(now));
        } catch (NoSuchFileException e) {
            throw notFound(upload.id());
        }
        return now;
    }

    private ProjectContents contents(String project) throws IOException {
        ProjectContents known = projects.get(project);
        if (known != null) {
            return known;
        }
        synchronized (projects) {
            known = projects.get(project);
            if (known == null) {
                known = ProjectContents.open(contents.resolve(project));
                projects.put(project, known);
            }
            return known;
        }
    }

    private UploadedContext resource(Upload upload, Map<ContentId, Long> missing) throws IOException {
        ContextSummary summary = ContextManifest.summary(upload.manifest());
        String self = "/v1/contexts/" + upload.id();
        return new UploadedContext(
                upload.id(),
                upload.project(),
                missing.isEmpty() ? "complete" : "incomplete",
                summary.entries(),
                summary.bytes(),
                missing.keySet().stream().map(ContentId::toString).toList(),
                sum(missing),
                usedAt(upload).plus(settings.expiry()),
                new UploadedContext.Links(self, self + "/files"));
    }

    /** What each project's contexts take on the disk, in bytes, manifests and contents together; projects without any are left out. */
    public SortedMap<String, Long> bytesByProject() throws IOException {
        SortedMap<String, Long> bytes = new TreeMap<>();
        for (String project : projectNames()) {
            bytes.merge(project, contents(project).onDisk(), Long::sum);
        }
        uploads.values().forEach(upload -> bytes.merge(upload.project(), upload.bytes(), Long::sum));
        bytes.values().removeIf(taken -> taken == 0);
        return bytes;
    }

    /**
     * Removes contents that no context of these days names, however long contents are kept otherwise: the disk is low. Builds that
     * were made of them keep what they have.
     *
     * @return bytes that were freed
     */
    public long giveBack() throws IOException {
        long freed = 0;
        for (String project : projectNames()) {
            ProjectContents its = contents(project);
            long before = its.onDisk();
            its.sweep(clock.instant(), settings.expiry());
            freed += Math.max(0, before - its.onDisk());
        }
        return freed;
    }

    private List<String> projectNames() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(contents)) {
            folders.forEach(folder -> names.add(folder.getFileName().toString()));
        }
        return names;
    }

    private void sweep() {
        try {
            for (Upload upload : List.copyOf(uploads.values())) {
                if (isExpired(upload)) {
                    forget(upload);
                }
            }
            for (String project : projectNames()) {
                contents(project).sweep(clock.instant(), settings.contentExpiry());
                quota.makeRoom(contents(project), removable(project, null), 0, Map.of(), 0, clock.instant());
            }
        } catch (IOException e) {
            LOG.warn("Contexts that were sent and are not used any more could not be removed; it is tried again", e);
        }
    }

    @Override
    public void close() {
        sweeps.close();
    }
}
