package io.watchkeeper.audit;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Looks into the record. May be called from any thread. */
public interface AuditSearch {

    /** Newest first. @throws io.watchkeeper.problem.OperatorException when the record cannot be read */
    List<AuditEntry> find(AuditQuery query);

    /** The newest entry about the subject with one of the actions. */
    Optional<AuditEntry> newest(String subject, List<String> actions);

    /** What entries are about whose action begins so. */
    Set<String> subjects(String actionPrefix);

    /** @throws io.watchkeeper.problem.OperatorException when the record cannot be read */
    AuditState state();

    /** Of a process that keeps no record. */
    static AuditSearch none() {
        return new AuditSearch() {
            @Override
            public List<AuditEntry> find(AuditQuery query) {
                return List.of();
            }

            @Override
            public Optional<AuditEntry> newest(String subject, List<String> actions) {
                return Optional.empty();
            }

            @Override
            public Set<String> subjects(String actionPrefix) {
                return Set.of();
            }

            @Override
            public AuditState state() {
                return AuditState.NONE;
            }
        };
    }
}
