package io.watchkeeper.toolkit.stream;

import java.util.List;

/**
 * What a database is to publish.
 *
 * @param name of the publication
 * @param patterns of its tables, as {@link io.watchkeeper.postgres.TablePattern} reads them
 * @param except patterns of tables that are left out
 * @param throughRoot whether changes of partitions are published as those of their partitioned table, so that a subscriber may
 *     have other partitions, or none
 */
public record PublicationPlan(String name, List<String> patterns, List<String> except, boolean throughRoot) {

    public PublicationPlan {
        patterns = List.copyOf(patterns);
        except = List.copyOf(except);
    }

    public static PublicationPlan of(String name, String... patterns) {
        return new PublicationPlan(name, List.of(patterns), List.of(), false);
    }
}
