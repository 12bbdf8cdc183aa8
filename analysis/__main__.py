import sys

try:
    from reporting.cli import main

    main()
except KeyboardInterrupt:  # while the program was still loading
    sys.exit(130)
