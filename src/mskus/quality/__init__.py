"""Quality: does the picture support an exam?"""
