package io.watchkeeper.dsl;

import groovy.lang.GroovyClassLoader;
import java.util.regex.Pattern;
import org.codehaus.groovy.control.CompilerConfiguration;
import org.codehaus.groovy.control.ErrorCollector;
import org.codehaus.groovy.control.SourceUnit;
import org.codehaus.groovy.control.io.StringReaderSource;

/**
 * A file as the compiler sees it. Groovy calls the class of a file by the file's name; here the class is called so that it is
 * known in a stack trace and no name in the file can mean it, while the stack trace still shows the file's own name.
 */
final class RunbookSource extends SourceUnit {

    private static final Pattern NATIVE = Pattern.compile("(?m)((?:^|[;{])[ \\t]*provider[ \\t]+)native\\b");

    private final String file;

    RunbookSource(
            String file,
            String text,
            CompilerConfiguration configuration,
            GroovyClassLoader types,
            ErrorCollector errors) {
        super(
                ScriptNames.classOf(file) + ".groovy",
                new StringReaderSource(withOurWord(text), configuration),
                configuration,
                types,
                errors);
        this.file = file;
    }

    /**
     * Groovy keeps {@code native} for itself and refuses it wherever an expression may stand, so the compiler reads the other word for the
     * same. In a text of several lines it would be changed, too, where a line begins just so.
     */
    private static String withOurWord(String text) {
        return NATIVE.matcher(text).replaceAll("$1watchkeeper");
    }

    /** From now on, when the class has its name, the source has the file's. */
    void takeNameOfFile() {
        name = file;
    }
}
