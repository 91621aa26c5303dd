/** Tenants of a metadata database: a schema for each, or rows of shared tables behind row-level security. */
@org.jspecify.annotations.NullMarked
package io.watchkeeper.toolkit.tenant;
