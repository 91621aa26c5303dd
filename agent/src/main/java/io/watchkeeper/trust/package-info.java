/** Which files may decide what the agent does: owner and mode along the whole path, checksums, and signatures over these. */
@org.jspecify.annotations.NullMarked
package io.watchkeeper.trust;
