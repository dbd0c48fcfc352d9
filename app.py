"""The page: ``python app.py``, then open the address that it prints. A Space starts the same way."""

from mint.ui.serve import serve

if __name__ == "__main__":
    serve()
