package io.slipway.api.start;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a second SIGTERM or SIGINT from the first, which the JVM by itself does not: it ends at the first one, and takes no notice of others while it
 * does. {@code sun.misc.Signal} (module jdk.unsupported) is the only way to hear of signals in Java, and is looked up by name since the compiler warns of it in a
 * way that can't be silenced.
 */
public final class TerminationSignals {
    private static final Logger LOG = LoggerFactory.getLogger(TerminationSignals.class);

    private TerminationSignals() {}

    /**
     * From now on, the first of these signals ends the process as before, and the second one calls {@code second} meanwhile.
     *
     * @param second called on a thread of its own
     */
    public static void onSecond(Runnable second) {
        AtomicBoolean first = new AtomicBoolean(true);
        try {
            for (String name : new String[] {"TERM", "INT"}) {
                handle(name, first, second);
            }
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            LOG.warn("A second SIGTERM will not be heard", e);
        }
    }

    private static void handle(String name, AtomicBoolean first, Runnable second) throws ReflectiveOperationException {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Method handle = signalType.getMethod("handle", signalType, handlerType);
        Method called = handlerType.getMethod("handle", signalType);
        Object signal = signalType.getConstructor(String.class).newInstance(name);
        Object[] before = new Object[1];
        InvocationHandler invoked = (proxy, method, arguments) -> {
            if (!method.equals(called)) {
                return method.invoke(second, arguments); // Object's
            }
            if (first.getAndSet(false)) {
                called.invoke(before[0], arguments);
            } else {
                second.run();
            }
            return null;
        };
        before[0] = handle.invoke(
                null,
                signal,
                Proxy.newProxyInstance(
                        TerminationSignals.class.getClassLoader(), new Class<?>[] {handlerType}, invoked));
    }
}
