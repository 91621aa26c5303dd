package io.watchkeeper.dsl;

import groovy.lang.Closure;
import groovy.lang.DelegatingMetaClass;
import groovy.lang.MetaClass;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.codehaus.groovy.runtime.InvokerInvocationException;
import org.jspecify.annotations.Nullable;

/**
 * Calls a closure's code directly where the arguments fit as they are, which they nearly always do. Only where they need
 * converting it completes and asks the full description.
 */
final class LightClosureMetaClass extends DelegatingMetaClass {

    private final List<Method> bodies;
    private volatile boolean complete;

    LightClosureMetaClass(MetaClass full, Class<?> type) {
        super(full);
        bodies = Stream.of(type.getDeclaredMethods())
                .filter(m -> m.getName().equals("doCall"))
                .toList();
        bodies.forEach(m -> m.setAccessible(true));
    }

    /** Nothing yet: see {@link #complete}. */
    @Override
    public void initialize() {}

    @Override
    public @Nullable Object invokeMethod(Object object, String name, Object[] arguments) {
        if (object instanceof Closure && (name.equals("doCall") || name.equals("call"))) {
            Optional<Method> body = fitting(arguments);
            if (body.isPresent()) {
                return call(body.get(), object, arguments);
            }
            if (arguments.length == 1 && arguments[0] instanceof List<?> list) {
                // As Groovy does: the elements of one list are as good as several arguments.
                Object[] elements = list.toArray();
                Optional<Method> spread = fitting(elements);
                if (spread.isPresent()) {
                    return call(spread.get(), object, elements);
                }
            }
        }
        complete();
        return super.invokeMethod(object, name, arguments);
    }

    @Override
    public @Nullable Object invokeMethod(Object object, String name, Object arguments) {
        complete();
        return super.invokeMethod(object, name, arguments);
    }

    private void complete() {
        if (!complete) {
            super.initialize();
            complete = true;
        }
    }

    private Optional<Method> fitting(Object[] arguments) {
        return bodies.stream()
                .filter(m -> fits(m.getParameterTypes(), arguments))
                .findFirst();
    }

    private static boolean fits(Class<?>[] parameters, Object[] arguments) {
        if (parameters.length != arguments.length) {
            return false;
        }
        for (int i = 0; i < parameters.length; i++) {
            Class<?> parameter = MethodType.methodType(parameters[i]).wrap().returnType();
            boolean fits = arguments[i] == null ? !parameters[i].isPrimitive() : parameter.isInstance(arguments[i]);
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable Object call(Method body, Object closure, Object[] arguments) {
        try {
            return body.invoke(closure, arguments);
        } catch (InvocationTargetException e) {
            throw new InvokerInvocationException(e);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
