package io.slipway.api.start;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.api.SlipwayProperties;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Keeps a second service away from the same home, which would think that PostgreSQL and the workers there are its own. Taken before
 * any bean is made, so also given back after all of them. The file {@code lock} names the process; the kernel lets go of the lock
 * when that ends.
 */
final class HomeLock implements BeanFactoryPostProcessor, DisposableBean {
    private final Environment environment;
    private @Nullable FileChannel channel;

    HomeLock(Environment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        Path home = Binder.get(environment)
                .bindOrCreate("slipway", SlipwayProperties.class)
                .home();
        try {
            take(home);
        } catch (IOException e) {
            throw new StartException(
                    "The folder for the service's data, " + home + ", can't be used: " + e,
                    "Make it the folder of the user that the service runs as, or set SLIPWAY_HOME to another one.");
        }
    }

    private void take(Path home) throws IOException {
        Files.createDirectories(
                home, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path file = home.resolve("lock");
        channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (!isLocked(channel)) {
            String holder = holder(file);
            destroy();
            throw new StartException(
                    "Another Slipway" + holder + " runs with the same home, " + home + ".",
                    "Stop that one, or set SLIPWAY_HOME to another folder.");
        }
        channel.truncate(0).write(UTF_8.encode(ProcessHandle.current().pid() + "\n"));
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // another service in this very process has it
        }
    }

    /** Who has the lock, if it has said so yet. */
    private static String holder(Path file) throws IOException {
        String pid = Files.readString(file).strip();
        return pid.matches("[0-9]{1,18}") ? " (process " + pid + ")" : "";
    }

    /** Lets go of the home. */
    @Override
    public void destroy() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}
