package io.slipway.api.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Gives whatever is awaited a minute, if its test does not say how long: Awaitility's ten seconds are not enough on a machine that does
 * other things, too. What ends a thread of another test does not end this one's waiting.
 */
public final class PatientAwaitility implements LauncherSessionListener {
    @Override
    public void launcherSessionOpened(LauncherSession session) {
        Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
        Awaitility.doNotCatchUncaughtExceptionsByDefault();
    }
}
