//! Page images to page text with Tesseract.
