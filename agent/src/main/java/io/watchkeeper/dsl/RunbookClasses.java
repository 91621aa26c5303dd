package io.watchkeeper.dsl;

import java.util.Map;

/** The classes of one compiled file. They go when the last runbook of the file goes. */
final class RunbookClasses extends ClassLoader {

    private final Map<String, byte[]> classes;

    RunbookClasses(Map<String, byte[]> classes) {
        super(RunbookClasses.class.getClassLoader());
        this.classes = Map.copyOf(classes);
    }

    Class<? extends RunbookScript> script(String name) {
        try {
            return loadClass(name).asSubclass(RunbookScript.class);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] bytes = classes.get(name);
        if (bytes == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }
}
