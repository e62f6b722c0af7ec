package io.slipway.api.testing;

import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Part of a service for tests ({@link #PART}) that writes down which statements a request runs, and lets the connection, or the whole
 * process, end at one of them. A request says so itself, by headers, so that it works in another process as well.
 */
@Configuration(proxyBeanMethods = false)
public class Statements {
    /** The property that makes it part of a service. */
    public static final String PART = "spring.main.sources=io.slipway.api.testing.Statements";

    /** Header with a name, by which {@link #of} knows the request. */
    public static final String NAME = "X-Test-Request";

    /** Header with a {@link Fault}. */
    public static final String FAULT = "X-Test-Fault";

    /** What the commit of a transaction is called. */
    public static final String COMMIT = "commit";

    private static final Map<String, Watched> WATCHED = new ConcurrentHashMap<>();
    private static final ThreadLocal<@Nullable Watched> REQUEST = new ThreadLocal<>();
    private static final AtomicReference<@Nullable Watched> DELIVERIES = new AtomicReference<>();

    /** What happens. */
    public enum Kind {
        /** The connection breaks, and the statement does not get to the database. */
        CUT_BEFORE,
        /** The database runs the statement, but the connection breaks before it answers. */
        CUT_AFTER,
        /** The process dies before the statement. */
        HALT_BEFORE,
        /** The process dies when the statement has been run. */
        HALT_AFTER
    }

    /**
     * At which statement what happens.
     *
     * @param after not before a statement with this text in it has been run; empty: from the first one on
     * @param at the statement has this in it
     * @param number which of those it is, from 0
     */
    public record Fault(Kind kind, String after, String at, int number) {
        /** The one with that number of all statements. */
        public static Fault at(Kind kind, int number) {
            return new Fault(kind, "", "", number);
        }

        /** As the value of {@link #FAULT}. */
        public String header() {
            return String.join("|", kind.name(), after, at, Integer.toString(number));
        }

        private static Fault parse(String header) {
            String[] parts = header.split("\\|", -1);
            return new Fault(Kind.valueOf(parts[0]), parts[1], parts[2], Integer.parseInt(parts[3]));
        }
    }

    /** What is known of a request. Used by the thread that serves it, and read by the test afterwards. */
    private static final class Watched {
        private final @Nullable Fault fault;
        private final List<String> statements = new ArrayList<>();
        private boolean reached;
        private int left;
        private boolean fired;

        Watched(@Nullable Fault fault) {
            this.fault = fault;
            this.reached = fault == null || fault.after().isEmpty();
            this.left = fault == null ? 0 : fault.number();
        }

        /** Notes a statement that is about to be run; returns what happens to it, or null. */
        synchronized @Nullable Kind next(String sql) {
            statements.add(sql);
            if (fault == null || fired) {
                return null;
            }
            boolean counts = reached && sql.contains(fault.at());
            reached |= sql.contains(fault.after());
            if (!counts || left-- > 0) {
                return null;
            }
            fired = true;
            return fault.kind();
        }

        synchronized List<String> statements() {
            return List.copyOf(statements);
        }

        synchronized boolean fired() {
            return fired;
        }
    }

    /** The statements of the request in this process that had this {@link #NAME}. */
    public static List<String> of(String name) {
        return watched(name).statements();
    }

    /** Whether the request's fault has happened. */
    public static boolean hasFired(String name) {
        return watched(name).fired();
    }

    private static Watched watched(String name) {
        Watched watched = WATCHED.get(name);
        if (watched == null) {
            throw new AssertionError("no request came that is called " + name);
        }
        return watched;
    }

    /** Has the fault happen in this process, to whoever works off the next delivery. */
    public static void failDelivery(Fault fault) {
        DELIVERIES.set(new Watched(fault));
    }

    /** Whether that has happened. */
    public static boolean hasDeliveryFailed() {
        Watched watched = DELIVERIES.get();
        return watched != null && watched.fired();
    }

    @Bean
    static FilterRegistrationBean<Filter> statementFilter() {
        FilterRegistrationBean<Filter> first = new FilterRegistrationBean<>((request, response, chain) -> {
            HttpServletRequest http = (HttpServletRequest) request;
            String name = http.getHeader(NAME);
            String fault = http.getHeader(FAULT);
            if (name != null) {
                Watched watched = new Watched(fault == null ? null : Fault.parse(fault));
                WATCHED.put(name, watched);
                REQUEST.set(watched);
            }
            try {
                chain.doFilter(request, response);
            } finally {
                REQUEST.remove();
            }
        });
        first.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return first;
    }

    @Bean
    static BeanPostProcessor statementSource() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                return bean instanceof DataSource source ? new Source(source) : bean;
            }
        };
    }

    private static final class Source extends DelegatingDataSource {
        Source(DataSource target) {
            super(target);
        }

        @Override
        public Connection getConnection() throws SQLException {
            Watched watched = REQUEST.get();
            if (watched == null && isWorkingOff(Thread.currentThread().getName())) {
                watched = DELIVERIES.get();
            }
            Connection connection = super.getConnection();
            return watched == null ? connection : watched(connection, watched);
        }
    }

    /** Two more of these threads look for deliveries and renew the claims. */
    private static boolean isWorkingOff(String thread) {
        return thread.startsWith("deliveries-") && !thread.equals("deliveries-0") && !thread.equals("deliveries-1");
    }

    private interface Call {
        @Nullable
        Object run() throws InvocationTargetException, IllegalAccessException;
    }

    private static Connection watched(Connection connection, Watched watched) {
        return (Connection) Proxy.newProxyInstance(
                Statements.class.getClassLoader(), new Class<?>[] {Connection.class}, (_, method, arguments) -> {
                    Call call = () -> method.invoke(connection, arguments);
                    return switch (method.getName()) {
                        case "commit" -> run(connection, watched, COMMIT, call);
                        case "prepareStatement" ->
                            watched(connection, watched, (String) arguments[0], (PreparedStatement) run(call));
                        default -> run(call);
                    };
                });
    }

    private static PreparedStatement watched(
            Connection connection, Watched watched, String sql, @Nullable PreparedStatement statement) {
        return (PreparedStatement) Proxy.newProxyInstance(
                Statements.class.getClassLoader(), new Class<?>[] {PreparedStatement.class}, (_, method, arguments) -> {
                    Call call = () -> method.invoke(statement, arguments);
                    return method.getName().startsWith("execute") ? run(connection, watched, sql, call) : run(call);
                });
    }

    private static @Nullable Object run(Connection connection, Watched watched, String sql, Call call)
            throws Throwable {
        Kind kind = watched.next(sql);
        if (kind == Kind.HALT_BEFORE) {
            Runtime.getRuntime().halt(137);
        }
        Object result = kind == Kind.CUT_BEFORE ? null : run(call);
        if (kind == Kind.HALT_AFTER) {
            Runtime.getRuntime().halt(137);
        }
        if (kind != null) {
            connection.unwrap(PgConnection.class).abort(Runnable::run);
            // As the driver says it; the pool does not hear of it, and finds out when it looks at the connection.
            throw new SQLException("The test has cut the connection.", "08006");
        }
        return result;
    }

    private static @Nullable Object run(Call call) throws Throwable {
        try {
            return call.run();
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
