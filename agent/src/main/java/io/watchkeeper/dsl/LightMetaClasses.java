package io.watchkeeper.dsl;

import groovy.lang.DelegatingMetaClass;
import groovy.lang.GroovySystem;
import groovy.lang.MetaClass;
import groovy.lang.MetaClassRegistry;
import org.codehaus.groovy.runtime.GeneratedClosure;

/**
 * Keeps Groovy from describing each class of a runbook file for dynamic calls as soon as an object of it is made: that takes a
 * fifth of the time of loading and hundreds of kilobytes, and statically compiled code makes hardly any such call.
 */
final class LightMetaClasses extends MetaClassRegistry.MetaClassCreationHandle {

    private LightMetaClasses() {}

    static void install() {
        GroovySystem.getMetaClassRegistry().setMetaClassCreationHandle(new LightMetaClasses());
    }

    @Override
    @SuppressWarnings("rawtypes") // As the class it extends says it.
    protected MetaClass createNormalMetaClass(Class type, MetaClassRegistry registry) {
        if (RunbookScript.class.isAssignableFrom(type) && type != RunbookScript.class) {
            return registry.getMetaClass(RunbookScript.class);
        }
        MetaClass full = super.createNormalMetaClass(type, registry);
        return GeneratedClosure.class.isAssignableFrom(type) ? new Lazy(full) : full;
    }

    /** Made whole by the first call that goes through it, for example when a list's {@code each} calls the closure. */
    private static final class Lazy extends DelegatingMetaClass {

        private volatile boolean whole;

        Lazy(MetaClass full) {
            super(full);
        }

        @Override
        public void initialize() {}

        private void complete() {
            if (!whole) {
                super.initialize();
                whole = true;
            }
        }

        @Override
        public Object invokeMethod(Object object, String name, Object[] arguments) {
            complete();
            return super.invokeMethod(object, name, arguments);
        }

        @Override
        public Object invokeMethod(Object object, String name, Object arguments) {
            complete();
            return super.invokeMethod(object, name, arguments);
        }
    }
}
