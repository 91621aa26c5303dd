/** What several people have to agree to before it is done. Stands alone; the store keeps it. */
@org.jspecify.annotations.NullMarked
package io.watchkeeper.approval;
