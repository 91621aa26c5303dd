package io.watchkeeper.http;

import io.watchkeeper.schedule.Cluster;
import io.watchkeeper.schedule.ClusterMember;
import io.watchkeeper.schedule.ClusterRun;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What this package asks of the cluster of agents. Questions to its database throw OperatorException when that is away. */
public interface ClusterView {

    /** Newest first. @param runbook null for all */
    List<ClusterRun> runs(@Nullable String runbook, int most);

    List<ClusterMember> members();

    /** Why the cluster cannot be used now; empty when it can. */
    Optional<String> trouble();

    static ClusterView of(Cluster cluster) {
        return new ClusterView() {
            @Override
            public List<ClusterRun> runs(@Nullable String runbook, int most) {
                return cluster.runs(runbook, most);
            }

            @Override
            public List<ClusterMember> members() {
                return cluster.members();
            }

            @Override
            public Optional<String> trouble() {
                return cluster.trouble();
            }
        };
    }
}
