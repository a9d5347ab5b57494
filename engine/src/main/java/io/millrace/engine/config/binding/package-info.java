/** From settings to records of options. */
package io.millrace.engine.config.binding;
