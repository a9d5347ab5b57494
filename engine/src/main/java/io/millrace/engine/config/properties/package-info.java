/** Properties files as text: reading, merging and substitution, with the line of every key. */
package io.millrace.engine.config.properties;
