package io.watchkeeper.http.page;

import io.watchkeeper.units.Secret;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Markup. The one place that escapes: whatever is put into a template is redacted and escaped, unless it is itself markup made
 * here.
 */
public final class Html {

    public static final Html EMPTY = new Html("");

    private final String markup;

    private Html(String markup) {
        this.markup = markup;
    }

    /**
     * Markup from a template of this source code in which each {@code {}} is replaced by the next value.
     *
     * @param values markup, collections of values, or anything else as text; null for nothing
     */
    public static Html of(String template, @Nullable Object... values) {
        StringBuilder out = new StringBuilder(template.length() + 64);
        int next = 0;
        int from = 0;
        for (int hole = template.indexOf("{}"); hole >= 0; hole = template.indexOf("{}", from)) {
            out.append(template, from, hole);
            append(out, values[next++]);
            from = hole + 2;
        }
        out.append(template, from, template.length());
        if (next != values.length) {
            throw new IllegalArgumentException(values.length + " values for the " + next + " holes of " + template);
        }
        return new Html(out.toString());
    }

    public static Html text(@Nullable String text) {
        return of("{}", text);
    }

    /** The text as one part of a path or query. */
    public static Html url(String text) {
        return new Html(
                URLEncoder.encode(Secret.redact(text), StandardCharsets.UTF_8).replace("+", "%20"));
    }

    /** The parts one after the other. */
    public static Html all(Collection<Html> parts) {
        return of("{}", parts);
    }

    public static Html join(Html separator, List<Html> parts) {
        StringBuilder out = new StringBuilder();
        for (Iterator<Html> i = parts.iterator(); i.hasNext(); ) {
            out.append(i.next());
            if (i.hasNext()) {
                out.append(separator);
            }
        }
        return new Html(out.toString());
    }

    /** This markup when the condition holds, else nothing. */
    public Html when(boolean condition) {
        return condition ? this : EMPTY;
    }

    public boolean isEmpty() {
        return markup.isEmpty();
    }

    private static void append(StringBuilder out, @Nullable Object value) {
        if (value instanceof Html html) {
            out.append(html.markup);
        } else if (value instanceof Collection<?> several) {
            several.forEach(one -> append(out, one));
        } else if (value != null) {
            escape(out, Secret.redact(value.toString()));
        }
    }

    private static void escape(StringBuilder out, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(c < ' ' && c != '\n' && c != '\t' ? '\uFFFD' : c);
            }
        }
    }

    @Override
    public String toString() {
        return markup;
    }
}
