package io.watchkeeper.toolkit.tenant;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlCall;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * Gives shared tables what they lack, one after the other: everybody waits for a table while its policies are made, and must not do so for
 * all tables until a proof is done. What is prepared stays, also when the tenant does not come after all.
 */
final class SharedPreparation {

    /** Findings that end, or may end, when shared tables get their policies and these hold for the owner, too. */
    private static final Set<String> NOT_YET = Set.of("notSecured", "notForced", "noPolicy", "view", "definer");

    private SharedPreparation() {}

    /**
     * Prepares all that need it.
     *
     * @param wanted asked once nobody else changes tenants; false for nothing to be done; throws when there can be no such tenant
     * @throws OperatorException when the tenant would not be kept apart for a reason that this does not mend
     */
    static void prepare(Session session, TenantId id, TenantTransaction transaction, SqlCall<Boolean> wanted)
            throws SQLException {
        if (TenantRoles.exists(session, TenantRoles.GROUP)
                && TableSetup.lacking(session).isEmpty()) {
            return;
        }
        List<SharedTable> lacking = transaction.run(session, List.of(), () -> {
            if (!wanted.run()) {
                return List.of();
            }
            TenantRoles.requireGroups(session);
            List<SharedTable> tables = TableSetup.lacking(session);
            requireNoHoles(session, id, NOT_YET);
            return tables;
        });
        for (SharedTable table : lacking) {
            transaction.run(session, List.of(table.name()), () -> TableSetup.complete(session, List.of(table)));
        }
    }

    /** @throws OperatorException for the first way around the policies */
    static void requireNoHoles(Session session, TenantId id) throws SQLException {
        requireNoHoles(session, id, Set.of());
    }

    /** @param except codes of findings that are no reason to stop */
    private static void requireNoHoles(Session session, TenantId id, Set<String> except) throws SQLException {
        List<ReviewFinding> holes = new TenantHoles(session)
                .find().stream()
                        .filter(one -> one.status() == ReviewStatus.FAIL && !except.contains(one.code()))
                        .toList();
        if (!holes.isEmpty()) {
            String more = holes.size() == 1 ? "" : ", and " + (holes.size() - 1) + " more";
            throw new OperatorException(
                    "tenant '" + id + "' would not be kept apart: "
                            + holes.get(0).message() + more,
                    holes.get(0).remedy());
        }
    }
}
