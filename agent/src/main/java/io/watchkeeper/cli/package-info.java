/** The command line: one class per subcommand. */
package io.watchkeeper.cli;
