package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.problem.OperatorException;
import java.util.regex.Pattern;

/**
 * A tenant's name. It becomes part of a role's and a schema's name and a value of a setting, so it holds nothing that means something in
 * any of them.
 *
 * @param text a small letter, then at most 40 small letters, digits, {@code _} and {@code -}
 */
public record TenantId(String text) {

    /** What the names of tenants' roles and schemas begin with. */
    static final String PREFIX = "tenant_";

    /** In SQL, as a regular expression: how schemas begin that stand only while a tenant is moved or dropped. */
    static final String PASSING = "^watchkeeper_(move|left|drop)_";

    private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9_-]{0,40}");

    /** @throws OperatorException when it cannot be one */
    public TenantId {
        if (!FORM.matcher(text).matches()) {
            throw new OperatorException(
                    "'" + shown(text) + "' cannot be a tenant's id",
                    "an id begins with a small letter and holds small letters, digits, '_' and '-', at most 41 in all.");
        }
    }

    /** The tenant's role, without quotes. */
    public String role() {
        return PREFIX + text;
    }

    /** The schema of a tenant that has one of its own, without quotes. */
    public String schema() {
        return PREFIX + text;
    }

    /** Where its own schema is made before it counts, without quotes. */
    String movingSchema() {
        return "watchkeeper_move_" + text;
    }

    /** What its own schema is called once it counts no more, without quotes. */
    String leftSchema() {
        return "watchkeeper_left_" + text;
    }

    /** Where its rows of shared tables are put together for the archive, without quotes. */
    String archiveSchema() {
        return "watchkeeper_drop_" + text;
    }

    @Override
    public String toString() {
        return text;
    }

    private static String shown(String text) {
        String cut = text.length() > 60 ? text.substring(0, 60) + "…" : text;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
