package io.watchkeeper.toolkit.tenant;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What keeps the rows of one tenant from others in a shared table. A row is a tenant's when the session's {@code app.tenant_id} names it
 * <em>and</em> whoever asks has the rights of that tenant's role <em>and</em> that role is among the tenants, which a suspended one is not:
 * the setting, which every session may change, opens nothing by itself.
 *
 * <p>It stands there twice: as what lets rows through, and as a restriction for all tenants' roles, which a further policy cannot widen and
 * which holds suspended tenants, too.
 * It names no tenant, so that a thousand tenants do not make a thousand policies.
 */
final class RowPolicy {

    static final String NAME = "watchkeeper_tenant";
    static final String LIMIT = "watchkeeper_tenant_limit";

    private static final String ROLE = "to_regrole(quote_ident('tenant_' || current_setting('app.tenant_id', true)))";

    /** Who asks is looked up once for a statement, as a query of its own, and not again for each row. */
    static final String EXPRESSION = "tenant_id = current_setting('app.tenant_id', true) AND (SELECT pg_has_role("
            + ROLE + ", 'USAGE') AND pg_has_role(" + ROLE + ", '" + TenantRoles.GROUP + "', 'USAGE'))";

    private static final String EXPECTED = normal(EXPRESSION);

    /** What the first standard of metadata databases wrote: the setting alone. */
    private static final Set<String> SETTING_ALONE = Set.of(
            normal("tenant_id = current_setting('app.tenant_id')"),
            normal("tenant_id = current_setting('app.tenant_id', true)"));

    private RowPolicy() {}

    /** The statements that a table still needs. @param present names of its policies */
    static List<String> statements(SharedTable table, Set<String> present) {
        String name = table.name().quoted();
        List<String> statements = new ArrayList<>();
        if (!table.secured()) {
            statements.add("ALTER TABLE " + name + " ENABLE ROW LEVEL SECURITY");
        }
        if (!table.forced()) {
            statements.add("ALTER TABLE " + name + " FORCE ROW LEVEL SECURITY");
        }
        if (!present.contains(NAME)) {
            statements.add(create(name, NAME, "PERMISSIVE", TenantRoles.GROUP));
        }
        if (!present.contains(LIMIT)) {
            // Whoever may become a tenant may become the group, too, which is no member of the other.
            statements.add(create(name, LIMIT, "RESTRICTIVE", String.join(", ", TenantRoles.GROUPS)));
        }
        return statements;
    }

    private static String create(String table, String policy, String kind, String roles) {
        return "CREATE POLICY " + policy + " ON " + table + " AS " + kind + " FOR ALL TO " + roles + " USING ("
                + EXPRESSION + ") WITH CHECK (" + EXPRESSION + ")";
    }

    /** Whether an expression, as the server shows it, is the policy's. */
    static boolean isExpected(String shown) {
        return EXPECTED.equals(normal(shown));
    }

    /** Whether an expression asks for nothing but the setting. */
    static boolean isSettingAlone(String shown) {
        return SETTING_ALONE.contains(normal(shown));
    }

    /** Without blanks, parentheses, casts to text and oid, and the name of what the query in it returns. It only compares what is joined by AND, so nothing else can come out the same. */
    private static String normal(String expression) {
        return expression
                .toLowerCase(Locale.ROOT)
                .replaceAll("::(text|oid|name|character varying)\\b| as \"\\?column\\?\"", "")
                .replaceAll("[\\s()]", "");
    }
}
