package io.watchkeeper.dsl;

import groovy.lang.GroovyClassLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where the compiler finds the classes that a file names. One for all files: Groovy collects its extension methods anew for each
 * loader, and asks for every capitalised word in every package it knows. What is compiled goes elsewhere, see {@link RunbookClasses}.
 */
final class CompileClassPath {

    static final GroovyClassLoader LOADER = make();

    private static final int MOST_MISSES = 20_000;

    private CompileClassPath() {}

    private static GroovyClassLoader make() {
        GroovyClassLoader loader = new GroovyClassLoader(new Known());
        // A name the compiler does not know must not make it look for Groovy files on the class path.
        loader.setResourceLoader(name -> null);
        return loader;
    }

    /** Remembers what is not there: a fifth of the time of compiling a file went into looking for it again. */
    private static final class Known extends ClassLoader {

        static {
            registerAsParallelCapable();
        }

        private final Set<String> misses = ConcurrentHashMap.newKeySet();

        Known() {
            super(CompileClassPath.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (misses.contains(name)) {
                throw new Missing(name);
            }
            try {
                return super.loadClass(name, resolve);
            } catch (ClassNotFoundException e) {
                if (misses.size() >= MOST_MISSES) {
                    misses.clear();
                }
                misses.add(name);
                throw e;
            }
        }
    }

    /** Costs nothing to make. */
    private static final class Missing extends ClassNotFoundException {
        private static final long serialVersionUID = 1L;

        Missing(String name) {
            super(name);
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
