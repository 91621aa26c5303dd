package io.watchkeeper.dsl;

import groovy.lang.Closure;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/** Runs a block of a runbook file. */
final class Closures {

    private Closures() {}

    /**
     * Runs the block with the words of the spec and no others. A copy of it runs, so that two runs at a time do not see each
     * other's words.
     */
    static void run(Closure<?> block, Object spec) {
        Closure<?> copy = (Closure<?>) block.clone();
        copy.setDelegate(spec);
        copy.setResolveStrategy(Closure.DELEGATE_ONLY);
        try {
            Method body = body(copy.getClass());
            body.invoke(copy, new Object[body.getParameterCount()]);
        } catch (InvocationTargetException e) {
            // As if the block had been called: also its checked exceptions, which Groovy code does not declare.
            throw Closures.<RuntimeException>thrown(e.getCause() == null ? e : e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The block's code itself: calling it through Groovy would first describe its class for dynamic calls, at a price. */
    private static Method body(Class<?> type) {
        Method found = null;
        for (Method method : type.getDeclaredMethods()) {
            boolean shorter = found == null || method.getParameterCount() < found.getParameterCount();
            if (method.getName().equals("doCall") && shorter) {
                found = method;
            }
        }
        if (found == null) {
            throw new IllegalStateException(type + " is not a block");
        }
        found.setAccessible(true);
        return found;
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> T thrown(Throwable cause) throws T {
        throw (T) cause;
    }
}
