package io.watchkeeper.systemd;

import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP, by which systemd asks for a reload. Java has no supported way to hear it; the one that every JDK has
 * ({@code sun.misc.Signal}) is reached by reflection, because the compiler warns of it in any other form. Where it is missing,
 * nothing is reloaded, and SIGHUP ends the process as always.
 */
public final class ReloadSignal {

    private static final Logger LOG = LoggerFactory.getLogger(ReloadSignal.class);

    private ReloadSignal() {}

    /** @param reload is called on a thread of its own for each signal; what it throws is logged */
    public static void handle(Runnable reload) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours = Proxy.newProxyInstance(
                    ReloadSignal.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            run(reload);
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), ours);
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            LOG.warn("this Java tells nobody of SIGHUP: restart the agent where a reload would do", e);
        }
    }

    private static void run(Runnable reload) {
        try {
            reload.run();
        } catch (RuntimeException e) {
            LOG.error("the reload failed", e);
        }
    }
}
