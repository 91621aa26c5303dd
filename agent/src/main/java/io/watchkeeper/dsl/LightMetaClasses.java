package io.watchkeeper.dsl;

import groovy.lang.GroovySystem;
import groovy.lang.MetaClass;
import groovy.lang.MetaClassRegistry;
import org.codehaus.groovy.runtime.GeneratedClosure;

/**
 * Keeps Groovy from describing each class of a runbook file for dynamic calls as soon as an object of it is made. Statically
 * compiled code hardly makes such calls, and the description takes a fifth of the time of loading, hundreds of kilobytes, and
 * holds on to the class through caches of the JDK long after the file has been replaced.
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
        return GeneratedClosure.class.isAssignableFrom(type) ? new LightClosureMetaClass(full, type) : full;
    }
}
