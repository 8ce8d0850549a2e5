//! Source files to page images, and page images to access renditions.
